"""The order in which photographs are trained on: each once per epoch, every epoch in an order of its own.

The order is a function of (seed, epoch): place ``index`` of the endless stream is the same in an interrupted run
and an uninterrupted one, and for any number of processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import InputError
from splpaint.random_streams import random_stream

__all__ = ["PictureOrder", "rank_indices"]

_Numbers = NDArray[np.int64]


class _Epoch(NamedTuple):
    """One pass: at a place stands photograph ``numbers[place]``, the ``reading[place]``-th to be read."""

    numbers: _Numbers
    reading: _Numbers


class PictureOrder:
    """Place in the stream => number of the photograph.

    Args:
        pictures: How many there are.
        seed: Of the order.
        sequential: How many photographs each shard holds, of shards that are best read from start to end. They then
            come in random order, and photographs are shuffled within windows of ``buffer``: reading window after
            window reads every shard once. None: all photographs are shuffled.
        buffer: Photographs in a window.
    """

    def __init__(
        self, pictures: int, *, seed: int, sequential: Sequence[int] | None = None, buffer: int = 1000
    ) -> None:
        self.pictures = pictures
        self._seed = seed
        self._ends = None if sequential is None else [0, *np.cumsum(sequential).tolist()]
        self._buffer = buffer
        self._drawn: dict[int, _Epoch] = {}

    def __call__(self, index: int) -> int:
        """The photograph at place ``index`` >= 0 of the stream."""
        epoch, place = divmod(index, self.pictures)
        return int(self._epoch(epoch).numbers[place])

    def window(self, index: int) -> tuple[int, int]:
        """Epoch and window of a place: photographs of one window are read together."""
        epoch, place = divmod(index, self.pictures)
        return epoch, place // self._buffer

    def reading_place(self, index: int) -> int:
        """When a place's photograph is read, counted within its epoch, if shards are read from start to end."""
        epoch, place = divmod(index, self.pictures)
        return int(self._epoch(epoch).reading[place])

    def _epoch(self, epoch: int) -> _Epoch:
        if epoch not in self._drawn:
            # Loading reaches into the next epoch before the last one ends; older ones are not needed again.
            self._drawn = {
                known: self._drawn[known] for known in (epoch - 1, epoch + 1) if known in self._drawn
            }
            self._drawn[epoch] = (
                self._shuffle_all(epoch) if self._ends is None else self._shuffle_shards(epoch)
            )
        return self._drawn[epoch]

    def _shuffle_all(self, epoch: int) -> _Epoch:
        numbers = random_stream(self._seed, epoch, 1).permutation(self.pictures)
        return _Epoch(numbers, np.arange(self.pictures))

    def _shuffle_shards(self, epoch: int) -> _Epoch:
        shards = [np.arange(first, end) for first, end in pairwise(self._ends or [])]
        shuffled = random_stream(self._seed, epoch, 1).permutation(len(shards))
        in_turn = np.concatenate([shards[shard] for shard in shuffled])
        reading = np.arange(self.pictures)
        for start in range(0, self.pictures, self._buffer):
            random_stream(self._seed, epoch, 2, start).shuffle(reading[start : start + self._buffer])
        return _Epoch(in_turn[reading], reading)


def rank_indices(start: int, stop: int, *, rank: int = 0, world_size: int = 1) -> range:
    """The samples from ``start`` to ``stop`` that a rank gets: every ``world_size``-th.

    Together the ranks step through the stream in its order, and each sample is one rank's.

    Raises:
        InputError: There is no such rank.
    """
    if not 0 <= rank < world_size:
        raise InputError(
            f"expected a rank from 0 to {world_size - 1} ({world_size} ranks), got {rank}; start ranks by torchrun"
        )
    return range(start + rank, stop, world_size)

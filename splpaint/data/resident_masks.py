"""Masks for millions of samples: a bank of them, drawn ahead by other processes, as bits on the training device.

A network on a GPU takes samples faster than any processor draws masks. So the first ``masks`` samples of a run get the
masks that the loading processes would have drawn for them, and those after them the same ones again, each once per
round, in an order drawn anew each round, beside other photographs and flipped as the sample says. Which mask a sample
gets is a function of (seed, index) alone. A mask is drawn when it is first needed, so that a run starts, and goes on,
at once.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from splpaint.data.order import PictureOrder
from splpaint.data.resident_device import sent
from splpaint.data.sample_draws import SampleDraws
from splpaint.errors import InputError

__all__ = ["MaskBank", "bank_bytes"]

_CHUNK = 64  # masks drawn and sent at a time
_Bits = NDArray[np.uint8]


def bank_bytes(masks: int, size_px: int) -> int:
    """What a bank of so many masks takes on the device."""
    return masks * _bytes_of_one(size_px)


class MaskBank:
    """Masks by their number, and which of them a sample gets.

    Args:
        draws: Draws mask i as that of sample i.
        masks: How many there are.
        device: Where they lie.
        start: First sample that will ask.
        stop: First sample that will no longer.
        workers: Processes that draw; 0: this one.
    """

    def __init__(
        self, draws: SampleDraws, masks: int, device: torch.device, *, start: int, stop: int, workers: int
    ) -> None:
        self._draws = draws
        self._masks = masks
        chunks = [_CHUNK] * (masks // _CHUNK) + ([masks % _CHUNK] if masks % _CHUNK else [])
        # Chunk after chunk, shuffled inside: a run that goes on needs few masks before its first step.
        self._order = PictureOrder(masks, seed=draws.seed, sequential=chunks, buffer=_CHUNK)
        self._bits = torch.zeros(masks, _bytes_of_one(draws.size_px), dtype=torch.uint8, device=device)
        self._there: set[int] = set()
        self._coming: dict[int, Future[_Bits | InputError]] = {}
        self._pool: ProcessPoolExecutor | None = None
        if workers:
            self._pool = _pool(draws, workers)
            needed = (self.number(index) // _CHUNK for index in range(start, min(stop, start + masks)))
            for chunk in dict.fromkeys(needed):
                self._coming[chunk] = self._pool.submit(_drawn_there, *self._limits(chunk))

    def number(self, index: int) -> int:
        """Which mask sample ``index`` gets."""
        return index if index < self._masks else self._order(index)

    def fetch(self, numbers: Iterable[int]) -> None:
        """Wait until these masks lie on the device.

        Raises:
            InputError: A mask file cannot be read or is empty.
        """
        for chunk in {number // _CHUNK for number in numbers} - self._there:
            first, end = self._limits(chunk)
            coming = self._coming.pop(chunk, None)
            bits = _drawn(self._draws, first, end) if coming is None else coming.result()
            if isinstance(bits, InputError):
                raise bits
            self._bits[first:end] = sent(torch.from_numpy(bits), self._bits.device)
            self._there.add(chunk)

    def holes(self, numbers: Tensor) -> Tensor:
        """(B,) numbers of masks that have been fetched => float32 (B,1,S,S), exactly 0 or 1, 1 = missing."""
        side = self._draws.size_px
        places = torch.arange(7, -1, -1, dtype=torch.uint8, device=numbers.device)
        bits = (self._bits[numbers][..., None] >> places) & 1
        return bits.flatten(1)[:, : side * side].reshape(-1, 1, side, side).float()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _limits(self, chunk: int) -> tuple[int, int]:
        return chunk * _CHUNK, min((chunk + 1) * _CHUNK, self._masks)


def _bytes_of_one(size_px: int) -> int:
    return -(-size_px * size_px // 8)


def _drawn(draws: SampleDraws, first: int, end: int) -> _Bits:
    """Masks ``first`` to ``end``, (n, bytes): row by row, eight pixels a byte, the first in the highest bit."""
    holes = [draws.hole(index, draws(index)) for index in range(first, end)]
    return np.stack([np.packbits(hole) for hole in holes])


# --- in other processes, which are started anew: a process that has used a GPU cannot be copied

_draws_there: Sequence[SampleDraws] = ()


def _pool(draws: SampleDraws, workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_begin_there, initargs=(draws,))


def _begin_there(draws: SampleDraws) -> None:
    global _draws_there
    _draws_there = (draws,)
    # Ctrl-C and kill reach the whole process group; the main process decides, and these end with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _drawn_there(first: int, end: int) -> _Bits | InputError:
    try:
        return _drawn(_draws_there[0], first, end)
    except InputError as error:
        return InputError(str(error))

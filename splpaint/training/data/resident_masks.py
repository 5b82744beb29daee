"""Masks for millions of samples: a bank of them, drawn ahead by other processes, as bits on the training device.

A network on a GPU takes samples faster than any processor draws masks. So the first ``masks`` samples of a run get the
masks that the loading processes would have drawn for them, and those after them the same ones again, each once per
round, in a new order each round, beside other photographs and flipped as the sample says. Which mask a sample
gets is a function of (seed, index) alone. A mask is drawn when it is first needed, so that a run starts or resumes at
once.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor

import torch
from torch import Tensor

from splpaint.errors import InputError
from splpaint.training.data.order import PictureOrder
from splpaint.training.data.resident_device import to_device
from splpaint.training.data.resident_mask_bits import (
    Bits,
    bytes_of_one,
    draw_bits,
    draw_bits_there,
    mask_processes,
)
from splpaint.training.data.sample_draws import SampleDraws

__all__ = ["MaskBank", "bank_bytes"]

_CHUNK = 64  # masks drawn and sent at a time


def bank_bytes(masks: int, size_px: int) -> int:
    """Bytes that a bank of this many masks takes on the device."""
    return masks * bytes_of_one(size_px)


class MaskBank:
    """Masks by their number, and which of them a sample gets.

    Args:
        draws: Draws mask i as that of sample i.
        masks: How many there are.
        device: Where they are kept.
        indices: The samples of this rank, in their order; each rank draws its own masks first.
        workers: Processes that draw; 0: this one.
    """

    def __init__(
        self, draws: SampleDraws, masks: int, device: torch.device, *, indices: range, workers: int
    ) -> None:
        self._draws = draws
        self._masks = masks
        chunks = [_CHUNK] * (masks // _CHUNK) + ([masks % _CHUNK] if masks % _CHUNK else [])
        # Chunk after chunk, shuffled inside: a resumed run needs few masks before its first step.
        self._order = PictureOrder(masks, seed=draws.seed, sequential=chunks, buffer=_CHUNK)
        self._bits = torch.zeros(masks, bytes_of_one(draws.size_px), dtype=torch.uint8, device=device)
        self._ranks = indices.step
        self._there: set[range] = set()
        self._coming: dict[range, Future[Bits | InputError]] = {}
        self._pool: ProcessPoolExecutor | None = None
        if workers:
            self._pool = mask_processes(draws, workers)
            needed = (self._drawn_with(self.number(index)) for index in indices[:masks])
            for numbers in dict.fromkeys(needed):
                self._coming[numbers] = self._pool.submit(draw_bits_there, numbers)

    def number(self, index: int) -> int:
        """Which mask sample ``index`` gets."""
        return index if index < self._masks else self._order(index)

    def fetch(self, numbers: Iterable[int]) -> None:
        """Wait until these masks lie on the device.

        Raises:
            InputError: A mask file cannot be read or is empty.
        """
        for drawn in {self._drawn_with(number) for number in numbers} - self._there:
            coming = self._coming.pop(drawn, None)
            bits = draw_bits(self._draws, drawn) if coming is None else coming.result()
            if isinstance(bits, InputError):
                raise bits
            self._bits[drawn.start : drawn.stop : drawn.step] = to_device(
                torch.from_numpy(bits), self._bits.device
            )
            self._there.add(drawn)

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

    def _drawn_with(self, number: int) -> range:
        """The masks of the same chunk that fall to the same rank in the first round."""
        first = number // _CHUNK * _CHUNK
        end = min(first + _CHUNK, self._masks)
        return range(first + (number - first) % self._ranks, end, self._ranks)

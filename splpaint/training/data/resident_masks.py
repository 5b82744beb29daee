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
        start: First sample of the run.
        stop: The sample after its last.
        workers: Processes that draw; 0: this one.
    """

    def __init__(
        self, draws: SampleDraws, masks: int, device: torch.device, *, start: int, stop: int, workers: int
    ) -> None:
        self._draws = draws
        self._masks = masks
        chunks = [_CHUNK] * (masks // _CHUNK) + ([masks % _CHUNK] if masks % _CHUNK else [])
        # Chunk after chunk, shuffled inside: a resumed run needs few masks before its first step.
        self._order = PictureOrder(masks, seed=draws.seed, sequential=chunks, buffer=_CHUNK)
        self._bits = torch.zeros(masks, bytes_of_one(draws.size_px), dtype=torch.uint8, device=device)
        self._there: set[int] = set()
        self._coming: dict[int, Future[Bits | InputError]] = {}
        self._pool: ProcessPoolExecutor | None = None
        if workers:
            self._pool = mask_processes(draws, workers)
            needed = (self.number(index) // _CHUNK for index in range(start, min(stop, start + masks)))
            for chunk in dict.fromkeys(needed):
                self._coming[chunk] = self._pool.submit(draw_bits_there, *self._limits(chunk))

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
            bits = draw_bits(self._draws, first, end) if coming is None else coming.result()
            if isinstance(bits, InputError):
                raise bits
            self._bits[first:end] = to_device(torch.from_numpy(bits), self._bits.device)
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

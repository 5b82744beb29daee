"""Masks as bits, drawn here or in other processes.

Those are spawned, since a process that has used a GPU cannot be forked; without torch they start at once.
"""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import InputError
from splpaint.training.data.sample_draws import SampleDraws

__all__ = ["Bits", "bytes_of_one", "draw_bits", "draw_bits_there", "mask_processes"]

Bits = NDArray[np.uint8]
"""(n, bytes): masks row by row, eight pixels a byte, the first in the highest bit."""

_draws: list[SampleDraws] = []  # in a process that ``mask_processes`` has started


def bytes_of_one(size_px: int) -> int:
    """Bytes of one mask of this side."""
    return -(-size_px * size_px // 8)


def draw_bits(draws: SampleDraws, indices: range) -> Bits:
    """The masks of these samples, not mirrored.

    Raises:
        InputError: A mask file cannot be read or is empty.
    """
    return np.stack([np.packbits(draws.hole(index, draws(index))) for index in indices])


def mask_processes(draws: SampleDraws, workers: int) -> ProcessPoolExecutor:
    """Processes for ``draw_bits_there``."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(draws,))


def draw_bits_there(indices: range) -> Bits | InputError:
    """``draw_bits`` in one of these processes; an error is returned, since one that is raised comes with its stack."""
    try:
        return draw_bits(_draws[0], indices)
    except InputError as error:
        return InputError(str(error))


def _begin(draws: SampleDraws) -> None:
    _draws.append(draws)
    # Ctrl-C and kill reach the whole process group; the main process decides, and these end with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

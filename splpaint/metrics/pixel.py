"""Pixel metrics, one value per image (NumPy only)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["grey_l1", "mae", "mae_in_hole", "psnr", "psnr_in_hole"]

_STRIP_VALUES = 2**18


def psnr(painted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio over all pixels and their three channels, in dB.

    Args:
        painted: uint8 (H,W,3).
        truth: uint8 (H,W,3).

    Returns:
        10 log10(255^2 / MSE); infinite if nothing differs.
    """
    return _psnr(painted, truth)


def psnr_in_hole(painted: NDArray[np.uint8], truth: NDArray[np.uint8], hole: NDArray[np.bool_]) -> float:
    """Peak signal-to-noise ratio over the hole's pixels and their three channels, in dB.

    Args:
        painted: uint8 (H,W,3).
        truth: uint8 (H,W,3).
        hole: bool (H,W), True = was missing.

    Returns:
        10 log10(255^2 / MSE); infinite if nothing differs, NaN for an empty hole.
    """
    return _psnr(painted[hole], truth[hole]) if hole.any() else math.nan


def mae(painted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Mean absolute error over all pixels and their three channels, in levels of 255.

    Args:
        painted: uint8 (H,W,3).
        truth: uint8 (H,W,3).
    """
    return _total(np.abs, painted, truth) / truth.size


def mae_in_hole(painted: NDArray[np.uint8], truth: NDArray[np.uint8], hole: NDArray[np.bool_]) -> float:
    """Mean absolute error over the hole's pixels and their three channels, in levels of 255; NaN for an empty hole.

    Args:
        painted: uint8 (H,W,3).
        truth: uint8 (H,W,3).
        hole: bool (H,W), True = was missing.
    """
    return mae(painted[hole], truth[hole]) if hole.any() else math.nan


def grey_l1(painted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Mean absolute error of the channels' means, in [0,1]: what SPL's code calls L1.

    Errors of opposite sign in the channels of a pixel cancel, so it is smaller than the mean absolute error.

    Args:
        painted: uint8 (H,W,3).
        truth: uint8 (H,W,3).
    """
    return _total(lambda difference: np.abs(difference.sum(axis=-1)), painted, truth) / (truth.size * 255)


def _psnr(painted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    mse = _total(lambda difference: np.square(difference, dtype=np.int32), painted, truth) / truth.size
    return math.inf if mse == 0 else 10 * math.log10(255**2 / mse)


def _total(
    error: Callable[[NDArray[np.int16]], NDArray[Any]], painted: NDArray[np.uint8], truth: NDArray[np.uint8]
) -> int:
    # Strip by strip: a large image takes no more memory than a small one.
    rows = max(_STRIP_VALUES * len(truth) // truth.size, 1)
    return sum(
        int(error(np.subtract(painted[top : top + rows], truth[top : top + rows], dtype=np.int16)).sum())
        for top in range(0, len(truth), rows)
    )

"""Pixel metrics, one value per image (NumPy only)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def psnr_in_hole(painted: NDArray[np.uint8], truth: NDArray[np.uint8], hole: NDArray[np.bool_]) -> float:
    """Peak signal-to-noise ratio over the hole's pixels and their three channels, in dB.

    Args:
        painted: uint8 (H,W,3).
        truth: uint8 (H,W,3).
        hole: bool (H,W), True = was missing.

    Returns:
        10 log10(255^2 / MSE); infinite if nothing differs, NaN for an empty hole.
    """
    if not hole.any():
        return math.nan
    difference = painted[hole].astype(np.float64) - truth[hole]
    mse = float(np.mean(difference**2))
    return math.inf if mse == 0 else 10 * math.log10(255**2 / mse)

"""How well a painting continues its surroundings, and how sharp it is: what PSNR does not see (NumPy only)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from splpaint.metrics.regions import box_sums, window_around

__all__ = ["border_step", "ring_level_error", "sharpness"]


def border_step(painted: NDArray[np.uint8], truth: NDArray[np.uint8], hole: NDArray[np.bool_]) -> float:
    """How much larger the steps across the hole's border are than in the true image.

    Args:
        painted: uint8 (H,W,3), outside the hole equal to ``truth``.
        truth: uint8 (H,W,3).
        hole: bool (H,W), True = was missing.

    Returns:
        Mean |difference| of neighbours of which one was missing and the other known, over that of the truth: 1: as in
        the truth; more shows as an outline, less as blur. NaN without a border, or if the truth has no step.
    """
    return _steps_as_in_truth(painted, truth, hole, across=True)


def sharpness(painted: NDArray[np.uint8], truth: NDArray[np.uint8], hole: NDArray[np.bool_]) -> float:
    """Mean |difference| of neighbours that were both missing, over that of the true image.

    Args:
        painted: uint8 (H,W,3).
        truth: uint8 (H,W,3).
        hole: bool (H,W), True = was missing.

    Returns:
        1: as sharp as the truth, 0: one colour. NaN if no neighbours were missing or the truth has one colour.
    """
    return _steps_as_in_truth(painted, truth, hole, across=False)


def ring_level_error(
    painted: NDArray[np.uint8], truth: NDArray[np.uint8], hole: NDArray[np.bool_], *, width_px: int = 8
) -> float:
    """How far colours are off along the hole's border, texture set aside.

    Args:
        painted: uint8 (H,W,3), outside the hole equal to ``truth``.
        truth: uint8 (H,W,3).
        hole: bool (H,W), True = was missing.
        width_px: Width of the ring of missing pixels along the border, and side of the square over which colours are
            averaged, missing pixels only.

    Returns:
        Mean |difference of the averages| over the ring, in levels of 255. NaN for an empty hole or one without border.
    """
    window = window_around(hole, margin_px=width_px + 1)
    painted, truth, hole = painted[window], truth[window], hole[window]
    ring = hole & (box_sums(~hole, 2 * width_px + 1) > 0)
    if not ring.any():
        return math.nan
    counts = box_sums(hole, width_px)[ring]
    difference = np.subtract(painted, truth, dtype=np.int16) * hole[..., None]
    errors = [np.abs(box_sums(difference[..., channel], width_px)[ring] / counts) for channel in range(3)]
    return float(np.mean(errors))


def _steps_as_in_truth(
    painted: NDArray[np.uint8], truth: NDArray[np.uint8], hole: NDArray[np.bool_], *, across: bool
) -> float:
    window = window_around(hole, margin_px=1)
    ours, theirs = (_mean_step(pixels[window], hole[window], across=across) for pixels in (painted, truth))
    return ours / theirs if theirs else math.nan


def _mean_step(pixels: NDArray[np.uint8], hole: NDArray[np.bool_], *, across: bool) -> float:
    steps = []
    for axis in (0, 1):
        levels, missing = pixels.swapaxes(0, axis), hole.swapaxes(0, axis)
        first, second = missing[:-1], missing[1:]
        pairs = first != second if across else first & second
        steps.append(np.abs(np.subtract(levels[1:][pairs], levels[:-1][pairs], dtype=np.int16)))
    every = np.concatenate(steps)
    return float(every.mean()) if every.size else math.nan

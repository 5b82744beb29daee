"""How well a painting continues its surroundings, and how sharp it is: what PSNR does not see (NumPy only)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

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
    ours, theirs = (_mean_step(pixels, hole, across=True) for pixels in (painted, truth))
    return ours / theirs if theirs else math.nan


def sharpness(painted: NDArray[np.uint8], truth: NDArray[np.uint8], hole: NDArray[np.bool_]) -> float:
    """Mean |difference| of neighbours that were both missing, over that of the true image.

    Args:
        painted: uint8 (H,W,3).
        truth: uint8 (H,W,3).
        hole: bool (H,W), True = was missing.

    Returns:
        1: as sharp as the truth, 0: one colour. NaN if no neighbours were missing or the truth has one colour.
    """
    ours, theirs = (_mean_step(pixels, hole, across=False) for pixels in (painted, truth))
    return ours / theirs if theirs else math.nan


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
    reach = _box_sums((~hole).astype(np.float64), 2 * width_px + 1)
    ring = hole & (reach > 0.5)
    if not ring.any():
        return math.nan
    counts = _box_sums(hole.astype(np.float64), width_px)[ring]
    errors = []
    for channel in range(3):
        difference = (painted[..., channel].astype(np.float64) - truth[..., channel]) * hole
        errors.append(np.abs(_box_sums(difference, width_px)[ring] / counts))
    return float(np.mean(errors))


def _mean_step(pixels: NDArray[np.uint8], hole: NDArray[np.bool_], *, across: bool) -> float:
    steps = []
    for axis in (0, 1):
        first, second = (
            np.take(hole, range(start, hole.shape[axis] - 1 + start), axis=axis) for start in (0, 1)
        )
        pairs = first != second if across else first & second
        steps.append(np.abs(np.diff(pixels.astype(np.int16), axis=axis))[pairs])
    every = np.concatenate(steps)
    return float(every.mean()) if every.size else math.nan


def _box_sums(values: NDArray[np.float64], side_px: int) -> NDArray[np.float64]:
    # Sums over squares around each pixel; of an even side they reach one pixel further up and left.
    before, after = side_px // 2, (side_px - 1) // 2
    padded = np.pad(values, ((before + 1, after), (before + 1, after)))
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    height, width = values.shape
    boxes: NDArray[np.float64] = sums[side_px:, side_px:] - sums[:height, side_px:]
    boxes += sums[:height, :width] - sums[side_px:, :width]
    return boxes

"""Whether a filling carries the grain of its surroundings: film grain, sensor noise, fine texture (NumPy only)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from splpaint.metrics.regions import box_sums, window_around

__all__ = ["grain", "noise_level"]

_ROUNDING = 1 / math.sqrt(12)  # noise of rounding to 8 bits, in levels
# The stencil makes six times the standard deviation of white noise; the median absolute value of normal noise of
# standard deviation 1 is 1 / 1.4826.
_SIGMA = 1.4826 / 6


def grain(painted: NDArray[np.uint8], hole: NDArray[np.bool_], *, width_px: int = 8) -> float:
    """Noise level inside the hole over that in a ring of known pixels around it.

    The noise level is the standard deviation that Immerkaer's stencil finds (1996, "Fast Noise Variance Estimation";
    blind to slopes, and to edges along the axes), by the median absolute value, which edges do not reach as long as
    they fill less than half of the place. The noise of rounding to 8 bits is added to both levels, so that plain
    grounds without noise can be compared, too.

    Args:
        painted: uint8 (H,W,3), outside the hole equal to the truth.
        hole: bool (H,W), True = was missing.
        width_px: Width of the ring.

    Returns:
        1: grain as around the hole, 0: none; never infinite. NaN if there is no square of 3 x 3 pixels in the hole, or
        none in the ring.
    """
    window = window_around(hole, margin_px=width_px + 1)
    painted, hole = painted[window], hole[window]
    if min(hole.shape) < 3:
        return math.nan
    near = box_sums(hole, 2 * width_px + 1)[1:-1, 1:-1] > 0
    covered = box_sums(hole, 3)[1:-1, 1:-1]
    inside, ring = covered == 9, near & (covered == 0)
    if not (inside.any() and ring.any()):
        return math.nan
    within, around = (noise_level(painted, np.pad(place, 1)) for place in (inside, ring))
    return math.hypot(within, _ROUNDING) / math.hypot(around, _ROUNDING)


def noise_level(pixels: NDArray[np.uint8] | NDArray[np.float32], centres: NDArray[np.bool_]) -> float:
    """Standard deviation of the noise in squares of 3 x 3 pixels (Immerkaer 1996), by the median absolute value.

    Args:
        pixels: (H,W,3), H and W at least 3.
        centres: bool (H,W), the middles of the squares; false along the image's edges. NaN if there are none.
    """
    if not centres.any():
        return math.nan
    return _SIGMA * float(np.median(np.abs(_stencil(pixels))[centres[1:-1, 1:-1]]))


def _stencil(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.int16] | NDArray[np.float32]:
    # (H,W,3) => (H-2,W-2,3): second differences along both axes
    levels = pixels.astype(np.int16) if pixels.dtype == np.uint8 else pixels
    down = levels[:-2] - 2 * levels[1:-1] + levels[2:]
    return np.asarray(down[:, :-2] - 2 * down[:, 1:-1] + down[:, 2:])

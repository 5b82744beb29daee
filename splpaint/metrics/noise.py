"""Whether a filling carries the grain of its surroundings: film grain, sensor noise, fine texture (NumPy only)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from splpaint.metrics.regions import box_sums, window_around

__all__ = ["grain"]

_ROUNDING = 1 / math.sqrt(12)  # noise of rounding to 8 bits, in levels
_NORMAL = 1.4826  # standard deviation of a normal distribution with median absolute value 1

_Floats = NDArray[np.float64]


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
    near = box_sums(hole.astype(np.float64), 2 * width_px + 1) > 0.5
    covered = box_sums(hole.astype(np.float64), 3)[1:-1, 1:-1]
    inside, ring = covered > 8.5, (covered < 0.5) & near[1:-1, 1:-1]
    if not (inside.any() and ring.any()):
        return math.nan
    noise = np.abs(_stencil(painted.astype(np.float64)))
    within, around = (_NORMAL * float(np.median(noise[place])) for place in (inside, ring))
    return math.hypot(within, _ROUNDING) / math.hypot(around, _ROUNDING)


def _stencil(pixels: _Floats) -> _Floats:
    # (H,W,3) => (H-2,W-2,3): second differences along both axes; of white noise, its standard deviation
    curved: _Floats = pixels
    for _ in range(2):
        curved = (curved[:-2] - 2 * curved[1:-1] + curved[2:]).swapaxes(0, 1)
    return curved / 6

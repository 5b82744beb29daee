"""Plain grounds: a sky, a wall, a red cloth. Nothing has to be invented there, and every blotch shows.

The colours along the border are continued smoothly (pull-push, Gortler et al. 1996): nearer to the truth than what a
network or a copy from elsewhere puts there. What little there is of texture is given back as to thin holes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole, dilate
from splpaint.inference.fillings.copying import spread
from splpaint.inference.fillings.detail import add_detail
from splpaint.inference.fillings.origins import Level
from splpaint.inference.windows import Window, tight_window

__all__ = ["fill_calm"]

_RING_PX = 16
_CALM = 6  # of 255; all but one in two hundred steps around are at most as large
_CALM_SHARE = 0.995
_MOST_PX = 4_000_000  # smoothing takes some 50 bytes a pixel
_LEAST_STEPS = 64


def fill_calm(image: NDArray[Level], unusable: Hole, region: Hole) -> bool:
    """Fill a region if what is around it is plain; tells whether it is.

    Args:
        image: uint8 or uint16 ``(H, W, 3)``, a window; filled in place.
        unusable: bool ``(H, W)``, what was not known or is to be avoided.
        region: bool ``(H, W)``, the pixels to fill, part of ``unusable``.
    """
    tight = tight_window(region, Window(0, 0, *region.shape))
    if tight is None:
        return False
    box = tight.widen(2 * _RING_PX, *region.shape)
    if box.area > _MOST_PX:
        return False
    part, known, hole = image[box.slices], ~unusable[box.slices], region[box.slices]
    if not _is_calm(part, dilate(hole, _RING_PX) & known):
        return False
    weights = known[..., None].astype(np.float32)
    smooth = spread(np.concatenate([part * weights, weights], axis=2))
    part[hole] = np.rint(smooth[hole]).clip(0, np.iinfo(image.dtype).max).astype(image.dtype)
    add_detail(part, hole, ~known, keep_colours=True, keep_structure=True)
    return True


def _is_calm(image: NDArray[Level], ring: Hole) -> bool:
    steps = []
    for axis in (0, 1):
        levels, inside = image.swapaxes(0, axis).astype(np.int32), ring.swapaxes(0, axis)
        steps.append(np.abs(np.diff(levels, axis=0)).max(axis=2)[inside[1:] & inside[:-1]])
    every = np.concatenate(steps)
    limit = _CALM * np.iinfo(image.dtype).max / 255
    return every.size >= _LEAST_STEPS and float((every <= limit).mean()) >= _CALM_SHARE

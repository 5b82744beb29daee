"""A thick hole, filled with the image's own pixels.

PyPatchMatch fills the hole in a reduced image (``search``): every patch of the hole becomes like some patch of the
known surroundings, from coarse to fine (Barnes et al. 2009, "PatchMatch"; Wexler et al. 2007, "Space-Time Completion
of Video"). The reduction bounds the time, and structures come out better than at full size. Every patch of that
filling is then looked up among the known ones, and the pixels there are copied at full resolution, in 8 or 16 bits,
levelled to the filling and to the border: details and grain are the image's own.

The same image and hole give the same result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.images import Hole, resize_levels
from splpaint.inference.fillings.calm import fill_calm
from splpaint.inference.fillings.copying import copy_origins, spread
from splpaint.inference.fillings.origins import Level
from splpaint.inference.fillings.search import search
from splpaint.inference.windows import thickness_px

__all__ = ["fill"]

_FILLED_PX = 6_000  # of the hole, once reduced: about half a second
_SEEN_PX = 1_500_000  # of the hole and its surroundings, once reduced
_LEAST_THICKNESS_PX = 16  # once reduced


def fill(image: NDArray[Level], missing: Hole, region: Hole, avoid: Hole | None = None) -> None:
    """Fill a region with pixels from its surroundings.

    Args:
        image: uint8 or uint16 ``(H, W, 3)``, a window; filled in place. It stays as it is if too little is known to
            copy from.
        missing: bool ``(H, W)``, unknown pixels, from which nothing is copied.
        region: bool ``(H, W)``, the pixels to fill, part of ``missing``.
        avoid: bool ``(H, W)``, known pixels from which nothing is copied either, and which have no influence.
    """
    unusable = missing if avoid is None else missing | avoid
    if fill_calm(image, unusable, region):
        return
    height, width = _size_to_fill(region)
    small_region = _cells_with_any(region, height, width)
    unused = _cells_with_any(unusable & ~region, height, width) & ~small_region
    known = ~(small_region | unused)
    small = resize_levels(image, width, height, Image.Resampling.BOX)
    if avoid is not None and avoid.any():
        small = _smooth_over(small, _cells_with_any(avoid, height, width), known)
    origins = search(small, small_region, known)
    if origins:
        copy_origins(image, region, unusable, origins)


def _size_to_fill(region: Hole) -> tuple[int, int]:
    shrink = min((region.sum() / _FILLED_PX) ** 0.5, thickness_px(region) / _LEAST_THICKNESS_PX)
    shrink = max(1.0, shrink, (region.size / _SEEN_PX) ** 0.5)
    height, width = region.shape
    return max(1, round(height / shrink)), max(1, round(width / shrink))


def _cells_with_any(hole: Hole, height: int, width: int) -> Hole:
    # Pixels of the reduced image with any missing one in them.
    if not hole.any():
        return np.zeros((height, width), np.bool_)
    share = Image.fromarray(hole.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
    touched: Hole = np.asarray(share) > 0
    return touched


def _smooth_over(small: NDArray[Level], avoided: Hole, known: Hole) -> NDArray[Level]:
    # What stands there is compared with, even where nothing is copied from it: colours that the known ones suggest.
    weights = known[..., None].astype(np.float32)
    smooth = spread(np.concatenate([small * weights, weights], axis=2))
    return np.where(avoided[..., None], np.rint(smooth), small).astype(small.dtype)

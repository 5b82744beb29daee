"""A thick hole, filled with the image's own pixels.

PyPatchMatch fills the hole in a reduced image: every patch of the hole becomes like some patch of the known
surroundings, from coarse to fine (Barnes et al. 2009, "PatchMatch"; Wexler et al. 2007, "Space-Time Completion of
Video"). The reduction bounds the time, and structures come out better than at full size. Every patch of that
filling is then looked up among the known ones, and the pixels there are copied at full resolution, in 8 or 16 bits,
levelled to the filling and to the border: details and grain are the image's own.

The same image and hole give the same result.
"""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.images import Hole, Pixels, resize_levels
from splpaint.inference.fillings.border import blend_in, painted_border
from splpaint.inference.fillings.calm import fill_calm
from splpaint.inference.fillings.copying import copy_origins, spread
from splpaint.inference.fillings.origins import PATCH_RADIUS, Floats, Level, find_origins
from splpaint.inference.windows import squares_within, thickness_px
from splpaint.notices import tell

__all__ = ["fill"]

_FILLED_PX = 8_000  # of the hole, once reduced: about half a second
_SEEN_PX = 1_500_000  # of the hole and its surroundings, once reduced
_LEAST_THICKNESS_PX = 16  # once reduced
_RADIUS = 5  # of the patches that PyPatchMatch compares
_GUIDE_WEIGHT = 0.03  # beside their difference of 1: more takes blurred ones, less those of another thing
_GUIDE_CELL_PX = 12  # once reduced
_LEAST_SOURCES = 64


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
    if _patches_within(known, _RADIUS).sum() < _LEAST_SOURCES:
        return
    small = resize_levels(image, width, height, Image.Resampling.BOX)
    if avoid is not None and avoid.any():
        small = _smooth_over(small, _cells_with_any(avoid, height, width), known)
    filled = _fill_small(small, small_region, unused)
    if filled is None or _is_unfilled(filled[small_region], filled[known]):
        return
    # Its enlargements between scales go beyond the colours of the image.
    filled = filled.clip(filled[known].min(axis=0), filled[known].max(axis=0))
    border = painted_border(image, region)
    if small.shape == image.shape and image.dtype == np.uint8:
        image[region] = filled[region]
    else:
        sources = _patches_within(known, PATCH_RADIUS)
        copy_origins(image, region, unusable, find_origins(filled, small, small_region, sources))
    blend_in(image, region, border)


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


def _patches_within(known: Hole, radius: int) -> Hole:
    # (H,W): centres of patches that are known altogether.
    side = 2 * radius + 1
    centres = np.zeros_like(known)
    if min(known.shape) >= side:
        inner = slice(radius, -radius)
        centres[inner, inner] = squares_within(known, side)
    return centres


def _smooth_over(small: NDArray[Level], avoided: Hole, known: Hole) -> NDArray[Level]:
    # What stands there is compared with, even where nothing is copied from it: colours that the known ones suggest.
    weights = known[..., None].astype(np.float32)
    smooth = spread(np.concatenate([small * weights, weights], axis=2))
    return np.where(avoided[..., None], np.rint(smooth), small).astype(small.dtype)


def _fill_small(small: NDArray[Level], region: Hole, unused: Hole) -> Pixels | None:
    logging.getLogger("patchmatch.patch_match").setLevel(
        logging.ERROR
    )  # what it logs at import is said below
    import patchmatch

    if not patchmatch.patchmatch_available:
        tell("thick holes stay smooth: PyPatchMatch has no build for this system")
        return None
    pixels = small.astype(np.uint8) if small.dtype == np.uint8 else _dither(small)
    filled: Pixels = patchmatch.inpaint_regularity(
        pixels,
        region,
        _guide(pixels),
        global_mask=unused if unused.any() else None,
        patch_size=_RADIUS,
        guide_weight=_GUIDE_WEIGHT,
    )
    return filled


def _guide(painted: Pixels) -> Floats:
    """Where which colours belong, as far as the network can tell: (h,w,3), the first two of which are compared.

    Luminance and the difference of red and blue, coarse, so that texture and the smooth painting of it are alike. Both
    lie in [0, 0.5]: PyPatchMatch takes 0 and 1 for the same.
    """
    height, width = painted.shape[:2]
    cells = max(1, round(width / _GUIDE_CELL_PX)), max(1, round(height / _GUIDE_CELL_PX))
    coarse = Image.fromarray(painted).resize(cells, Image.Resampling.BOX)
    colours = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)) / np.float32(255)
    guide = np.zeros((height, width, 3), np.float32)
    guide[..., 0] = colours @ np.array([0.299, 0.587, 0.114], np.float32) / 2
    guide[..., 1] = (colours[..., 0] - colours[..., 2]) / 4 + 0.25
    return guide


def _is_unfilled(filling: Pixels, known: Pixels) -> bool:
    # (N,3), (M,3): PyPatchMatch leaves black where it finds no patch at all.
    black, black_before = (float((~colours.any(axis=1)).mean()) for colours in (filling, known))
    return black > 10 * black_before + 0.001


def _dither(deep: NDArray[Level]) -> Pixels:
    # 16 bits => 8, such that the mean over some pixels is still that of 16: no bands in gradients.
    noise = np.random.RandomState(0).random_sample(deep.shape).astype(np.float32)
    pixels: Pixels = np.floor(deep / np.float32(257) + noise).clip(0, 255).astype(np.uint8)
    return pixels

"""What PyPatchMatch puts into the hole of a reduced image: with the network's colours as a guide, and without.

Guided, it puts what the network expects there: an animal's flank goes on where the network saw that it does. Unguided,
it continues texture whole, which the network only knows the mean colour of. Of the two that one is taken whose patches
are more alike to known ones, unless it goes far away from the network's colours. Both are searched at once.
"""

from __future__ import annotations

import logging
import math
from typing import Generic, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.images import Hole, Pixels
from splpaint.inference.fillings.origins import PATCH_RADIUS, Floats, Level, Origins, find_origins
from splpaint.inference.windows import squares_within
from splpaint.notices import tell
from splpaint.parallel import ordered_map

__all__ = ["Filled", "Reduced", "search"]

_RADIUS = 5  # of the patches that are compared
_LEAST_SOURCES = 64
_GUIDED, _UNGUIDED = 1.0, 0.0  # weights of the guide, beside 1 for the patches' difference
_COARSE_CELL_PX = 12
_GUIDE_COLOURS = 8
_GUIDE_ROUNDS = 4  # of k-means
_GUIDE_STEP = 16  # they are coarse: one pixel in so many tells them
_APART = 8  # of 255; as bad as patches whose squared differences are e times as large


class Reduced(NamedTuple, Generic[Level]):
    """An image that a network has painted, reduced.

    Attributes:
        colours: uint8 or uint16 (h,w,3).
        region: bool (h,w), to be filled.
        known: bool (h,w), from where it may be.
    """

    colours: NDArray[Level]
    region: Hole
    known: Hole


class Filled(NamedTuple):
    """A filling of the reduced image.

    Attributes:
        colours: uint8 (h,w,3).
        origins: Where its patches come from.
    """

    colours: Pixels
    origins: Origins


def search(reduced: Reduced[Level]) -> Filled | None:
    """The better of the fillings; nothing if too little is known, or nothing fits."""
    if _patches_within(reduced.known, _RADIUS).sum() < _LEAST_SOURCES or not _is_available():
        return None
    pixels = (
        reduced.colours.astype(np.uint8) if reduced.colours.dtype == np.uint8 else _dither(reduced.colours)
    )
    guide = _guide(pixels, reduced.known)
    filled = ordered_map(
        lambda weight: _fill(reduced, pixels, guide, weight), (_GUIDED, _UNGUIDED), workers=2
    )
    found = [each for each in filled if each]
    if not found:
        return None
    expected = _coarse(pixels)
    return min(found, key=lambda each: _badness(each, expected, reduced.region))


def _fill(reduced: Reduced[Level], pixels: Pixels, guide: Floats, weight: float) -> Filled | None:
    import patchmatch

    _, region, known = reduced
    unused = ~(region | known)
    mask = unused if unused.any() else None
    filled: Pixels
    if weight:
        filled = patchmatch.inpaint_regularity(
            pixels, region, guide, global_mask=mask, patch_size=_RADIUS, guide_weight=weight
        )
    else:
        filled = patchmatch.inpaint(pixels, region, global_mask=mask, patch_size=_RADIUS)
    if _is_unfilled(filled[region], filled[known]):
        return None
    # Its enlargements between scales go beyond the colours of the image.
    filled = filled.clip(filled[known].min(axis=0), filled[known].max(axis=0))
    sources = _patches_within(known, PATCH_RADIUS)
    return Filled(filled, find_origins(filled, reduced.colours, region, sources))


def _is_available() -> bool:
    # What it logs at import is said below.
    logging.getLogger("patchmatch.patch_match").setLevel(logging.ERROR)
    import patchmatch

    if not patchmatch.patchmatch_available:
        tell("thick holes stay smooth: PyPatchMatch has no build for this system")
    return bool(patchmatch.patchmatch_available)


def _badness(filled: Filled, expected: Floats, region: Hole) -> float:
    apart = float(np.sqrt(np.square(_coarse(filled.colours) - expected)[region].mean()))
    return math.log(filled.origins.error + 1) + apart / _APART


def _coarse(pixels: Pixels) -> Floats:
    # (h,w,3): texture and the smooth painting of it look alike
    return np.asarray(_enlarged_cells(pixels), np.float32)


def _enlarged_cells(pixels: Pixels) -> Image.Image:
    height, width = pixels.shape[:2]
    cells = max(1, round(width / _COARSE_CELL_PX)), max(1, round(height / _COARSE_CELL_PX))
    return Image.fromarray(pixels).resize(cells, Image.Resampling.BOX).resize((width, height))


def _guide(painted: Pixels, known: Hole) -> Floats:
    """Which thing is where, as far as the network can tell: (h,w,3), the first two of which are compared.

    Luminance and the difference of red and blue, coarse, reduced to a few colours of what is known: where the network
    wavers between two things, its mean of both is a colour of neither. Both lie in [0, 0.5]: PyPatchMatch takes 0 and 1
    for the same.
    """
    coarse = _enlarged_cells(painted)
    some = np.asarray(coarse)[known][None, ::_GUIDE_STEP]
    things = Image.fromarray(some).quantize(_GUIDE_COLOURS, kmeans=_GUIDE_ROUNDS)
    few = coarse.quantize(palette=things, dither=Image.Dither.NONE).convert("RGB")
    colours = np.asarray(few) / np.float32(255)
    guide = np.zeros(painted.shape, np.float32)
    guide[..., 0] = colours @ np.array([0.299, 0.587, 0.114], np.float32) / 2
    guide[..., 1] = (colours[..., 0] - colours[..., 2]) / 4 + 0.25
    return guide


def _patches_within(known: Hole, radius: int) -> Hole:
    # (h,w): centres of patches that are known altogether.
    side = 2 * radius + 1
    centres = np.zeros_like(known)
    if min(known.shape) >= side:
        inner = slice(radius, -radius)
        centres[inner, inner] = squares_within(known, side)
    return centres


def _is_unfilled(filling: Pixels, known: Pixels) -> bool:
    # (N,3), (M,3): PyPatchMatch leaves black where it finds no patch at all.
    black, black_before = (float((~colours.any(axis=1)).mean()) for colours in (filling, known))
    return black > 10 * black_before + 0.05


def _dither(deep: NDArray[Level]) -> Pixels:
    # 16 bits => 8, such that the mean over some pixels is still that of 16: no bands in gradients.
    noise = np.random.RandomState(0).random_sample(deep.shape).astype(np.float32)
    pixels: Pixels = np.floor(deep / np.float32(257) + noise).clip(0, 255).astype(np.uint8)
    return pixels

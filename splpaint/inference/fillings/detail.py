"""Thin holes: the texture of their surroundings on the network's coarse colours.

Networks paint the mean of what could be there: the right coarse colours, and too little texture and grain, whose lack
shows as a smear in every scratch. Known patches (``patches``) have both, but their colours drift. So a hole is filled
by patches, tile by tile, and that takes over the network's coarse colours, except where these differ so much that they
show another thing, and except for their structure where the network has hardly any: what it does not know, it paints
flat. Noise beyond that of the surroundings is taken out again.

The same image and hole give the same detail.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole, dilate
from splpaint.inference.fillings.origins import Floats, Level
from splpaint.inference.fillings.patches import fill_by_patches, patches_within, to_eight_bits
from splpaint.inference.fillings.smoothing import alike, smooth
from splpaint.inference.windows import Window, thickness_px, tiles_with_any
from splpaint.metrics import noise_level
from splpaint.parallel import ordered_map

__all__ = ["add_detail"]

_TILE_PX = 160
_LEAST_AROUND_PX = 24  # patches are looked for so far, or as far as the hole is thick
_RADIUS = 2  # of the patches
_STRENGTH = 1.1  # every pixel is the mean of the patches that cover it, which evens out their detail
_ALIKE_SMOOTHINGS = 3
_ALIKE = np.float32(48)  # of 255; coarse colours that differ by more are hardly those of the same thing
_STRUCTURE_SMOOTHINGS = 16  # what they take away, and one does not, is structure: some pixels wide
_CONTRAST_SMOOTHINGS = 8
_FLAT, _STRUCTURED = 0.3, 0.7  # contrast of the network's structure, as a share of that of the patches
_RING_PX = 8
_REMOVED = (0.5, 1, 2, 4, 8)  # variance that is taken out, over that of the noise that is too much
_TEXTURE_SMOOTHINGS = 2
_LEAST = np.float32(1e-6)

_Mixing = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""What the network has painted, and the same filled by patches: (h,w,3) each => coarse colours and detail."""


def add_detail(
    image: NDArray[Level],
    painted: Hole,
    missing: Hole,
    *,
    keep_colours: bool = False,
    keep_structure: bool = False,
) -> None:
    """Give what a network has painted the detail of its surroundings.

    Args:
        image: uint8 or uint16 ``(H, W, 3)``, changed in place.
        painted: bool ``(H, W)``, what the network has painted; part of ``missing``.
        missing: bool ``(H, W)``, what was not known or is to be avoided: no detail is taken from there.
        keep_colours: The coarse colours stay even where those of the patches differ much.
        keep_structure: And their structure even where it is flat.
    """
    tiles = list(tiles_with_any(painted, _TILE_PX))
    mixed = partial(_coarse_and_detail, much=None if keep_colours else _ALIKE, keep_structure=keep_structure)
    detailed = ordered_map(partial(_detailed, image, painted, missing, mixed), tiles, workers=2)
    for tile, levels in zip(tiles, list(detailed), strict=True):
        if levels is not None:
            image[tile.slices][painted[tile.slices]] = levels


def _detailed(
    image: NDArray[Level], painted: Hole, missing: Hole, mixed: _Mixing, tile: Window
) -> NDArray[Level] | None:
    # (N,3): what the painted pixels of the tile become.
    around_px = max(_LEAST_AROUND_PX, thickness_px(painted[tile.slices]))
    seen = tile.widen(around_px, *painted.shape)
    levels, region, known = image[seen.slices], painted[seen.slices], ~missing[seen.slices]
    filled = fill_by_patches(to_eight_bits(levels), region, known, radius=_RADIUS)
    if filled is None:
        return None
    most = np.iinfo(image.dtype).max
    unit = np.float32(most / 255)
    colours = levels.astype(np.float32) / unit
    coarse, detail = mixed(colours, filled.astype(np.float32))
    ring = patches_within(known, 1) & dilate(region, _RING_PX)
    detail = _with_noise(coarse, detail, patches_within(region, 1), noise_level(colours, ring))
    inside = (coarse + detail)[tile.within(seen)][painted[tile.slices]]
    finished: NDArray[Level] = np.rint(inside * unit).clip(0, most).astype(image.dtype)
    return finished


def _coarse_and_detail(
    painted: Floats, filled: Floats, *, much: np.float32 | None, keep_structure: bool
) -> tuple[Floats, Floats]:
    wanted, coarse = smooth(painted, 1), smooth(filled, 1)
    detail = _STRENGTH * (filled - coarse)
    lacking = wanted - coarse
    if much is not None:
        lacking *= alike(smooth(lacking, _ALIKE_SMOOTHINGS), much)
    if keep_structure:
        return coarse + lacking, detail
    ours, theirs = (colours - smooth(colours, _STRUCTURE_SMOOTHINGS) for colours in (wanted, coarse))
    share = _contrast(ours) / np.maximum(_contrast(theirs), _LEAST)
    flat = ((_STRUCTURED - share) / (_STRUCTURED - _FLAT)).clip(0, 1)
    return coarse + lacking + flat * (theirs - ours), detail


def _contrast(structure: Floats) -> Floats:
    # (h,w,C) => (h,w,1)
    power = np.square(structure).mean(axis=2, keepdims=True)
    contrast: Floats = np.sqrt(smooth(power, _CONTRAST_SMOOTHINGS))
    return contrast


def _with_noise(coarse: Floats, detail: Floats, centres: Hole, wanted: float) -> Floats:
    """The detail without the noise that is more than wanted; where there is more than noise, it stays (Wiener)."""
    noise = noise_level(coarse + detail, centres)
    if not noise > wanted:  # or there is none to be seen
        return detail
    power = smooth(np.square(detail).mean(axis=2, keepdims=True), _TEXTURE_SMOOTHINGS)
    less = detail
    for removed in _REMOVED:
        share = removed * (noise**2 - wanted**2) / np.maximum(power, _LEAST)
        less = detail * np.sqrt((1 - share).clip(0, 1), dtype=np.float32)
        if noise_level(coarse + less, centres) <= wanted:
            break
    return less

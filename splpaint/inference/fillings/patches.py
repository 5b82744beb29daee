"""PyPatchMatch, as far as fillings use it: a hole becomes like the known patches of an image of 8 or 16 bits."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole, Pixels
from splpaint.inference.fillings.origins import Level
from splpaint.inference.windows import squares_within
from splpaint.notices import tell

__all__ = ["fill_by_patches", "patches_within", "to_eight_bits"]

_LEAST_SOURCES = 64


def fill_by_patches(pixels: Pixels, region: Hole, known: Hole, *, radius: int) -> Pixels | None:
    """Fill a region by known patches (Barnes et al. 2009, "PatchMatch"; Wexler et al. 2007).

    Args:
        pixels: uint8 (h,w,3).
        region: bool (h,w), to be filled.
        known: bool (h,w), from where it may be.
        radius: Of the patches: pixels on each side of the one in the middle.

    Returns:
        uint8 (h,w,3); nothing if too little is known, or nothing fits.
    """
    if patches_within(known, radius).sum() < _LEAST_SOURCES or not _is_available():
        return None
    import patchmatch

    unused = ~(region | known)
    mask = unused if unused.any() else None
    filled: Pixels = patchmatch.inpaint(pixels, region, global_mask=mask, patch_size=radius)
    if _is_unfilled(filled[region], filled[known]):
        return None
    # Its enlargements between scales go beyond the colours of the image.
    return filled.clip(filled[known].min(axis=0), filled[known].max(axis=0))


def patches_within(where: Hole, radius: int) -> Hole:
    """(h,w): centres of the patches that lie altogether where it is true."""
    side = 2 * radius + 1
    centres = np.zeros_like(where)
    if min(where.shape) >= side:
        inner = slice(radius, -radius)
        centres[inner, inner] = squares_within(where, side)
    return centres


def to_eight_bits(levels: NDArray[Level]) -> Pixels:
    """16 bits => 8, such that the mean over some pixels is still that of 16: no bands in gradients."""
    if levels.dtype == np.uint8:
        return np.ascontiguousarray(levels, np.uint8)
    noise = np.random.RandomState(0).random_sample(levels.shape).astype(np.float32)
    pixels: Pixels = np.floor(levels / np.float32(257) + noise).clip(0, 255).astype(np.uint8)
    return pixels


def _is_available() -> bool:
    # What it logs at import is said below.
    logging.getLogger("patchmatch.patch_match").setLevel(logging.ERROR)
    import patchmatch

    if not patchmatch.patchmatch_available:
        tell("holes stay smooth: PyPatchMatch has no build for this system")
    return bool(patchmatch.patchmatch_available)


def _is_unfilled(filling: Pixels, known: Pixels) -> bool:
    # (N,3), (M,3): PyPatchMatch leaves black where it finds no patch at all.
    black, black_before = (float((~colours.any(axis=1)).mean()) for colours in (filling, known))
    return black > 10 * black_before + 0.05

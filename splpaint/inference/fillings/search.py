"""What PyPatchMatch puts into the hole of a reduced image, and where that comes from.

What stands near a hole belongs there more likely than what stands far away. But where nothing near fits, patches
disagree, and their mean shows as haze. So both are searched at once, the near surroundings and all of them, and the
near ones are taken unless those patches are much less alike to known ones.
"""

from __future__ import annotations

from functools import partial

from numpy.typing import NDArray

from splpaint.images import Hole, Pixels
from splpaint.inference.fillings.origins import PATCH_RADIUS, Level, Origins, find_origins
from splpaint.inference.fillings.patches import fill_by_patches, patches_within, to_eight_bits
from splpaint.inference.windows import Window, thickness_px, tight_window
from splpaint.parallel import ordered_map

__all__ = ["search"]

_RADIUS = 5  # of the patches that are compared
_LEAST_MARGIN_PX = 16
_MUCH = 1.25  # times the squared difference: there is haze then


def search(colours: NDArray[Level], region: Hole, known: Hole) -> Origins | None:
    """Where the patches of the better filling come from; nothing if too little is known, or nothing fits.

    Args:
        colours: uint8 or uint16 (h,w,3).
        region: bool (h,w), to be filled; at least one pixel.
        known: bool (h,w), from where it may be.
    """
    everything = Window(0, 0, *region.shape)
    tight = tight_window(region, everything)
    assert tight is not None
    surroundings = tight.widen(max(thickness_px(region), _LEAST_MARGIN_PX), *region.shape)
    look = partial(_search, colours, to_eight_bits(colours), region, known)
    found = list(
        ordered_map(look, dict.fromkeys((surroundings, everything)), workers=2)
    )  # once if they are the same
    near, far = found[0], found[-1]
    return near if near and (far is None or near.error <= _MUCH * far.error) else far


def _search(
    colours: NDArray[Level], pixels: Pixels, region: Hole, known: Hole, window: Window
) -> Origins | None:
    inside = window.slices
    part = fill_by_patches(pixels[inside], region[inside], known[inside], radius=_RADIUS)
    if part is None:
        return None
    filled = pixels.copy()
    filled[inside] = part
    return find_origins(filled, colours, region, patches_within(known, PATCH_RADIUS))

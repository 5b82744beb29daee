"""Along the border of a filled hole, the network's coarse colours.

What is copied there continues the surroundings as well as something does that stands elsewhere. The network saw these
surroundings themselves: near them it paints the better colours, if not the detail.
"""

from __future__ import annotations

from typing import Generic, NamedTuple

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole, dilate, feather
from splpaint.inference.fillings.origins import Level
from splpaint.inference.fillings.smoothing import alike, smooth
from splpaint.inference.windows import Window, tiles_with_any

__all__ = ["PaintedBorder", "blend_in", "painted_border"]

_WIDTH_PX = 24  # from there on a filling stays as it is
_SMOOTHINGS = 4
_ALIKE = 48  # of 255; where the painting differs by more, it shows another thing than the filling
_TILE_PX = 256


class PaintedBorder(NamedTuple, Generic[Level]):
    """What a network has painted in a tile of an image.

    Attributes:
        tile: Part of the image.
        seen: The tile with its surroundings.
        painted: (h,w,3), the image there.
    """

    tile: Window
    seen: Window
    painted: NDArray[Level]


def painted_border(image: NDArray[Level], region: Hole) -> list[PaintedBorder[Level]]:
    """What a network has painted along the border of a region that is to be filled, by tiles."""
    border = region & dilate(~region, _WIDTH_PX)
    tiles = tiles_with_any(border, _TILE_PX)
    windows = [(tile, tile.widen(_WIDTH_PX + _SMOOTHINGS, *region.shape)) for tile in tiles]
    return [PaintedBorder(tile, seen, image[seen.slices].copy()) for tile, seen in windows]


def blend_in(image: NDArray[Level], region: Hole, borders: list[PaintedBorder[Level]]) -> None:
    """Give a filled region the coarse colours that it had along its border, fading out inwards."""
    blended = [_blend(image[border.seen.slices], region[border.seen.slices], border) for border in borders]
    for border, tile in zip(borders, blended, strict=True):
        image[border.tile.slices] = tile


def _blend(filled: NDArray[Level], region: Hole, border: PaintedBorder[Level]) -> NDArray[Level]:
    lacking = smooth(np.subtract(border.painted, filled, dtype=np.float32), _SMOOTHINGS)
    lacking *= alike(lacking, np.float32(_ALIKE / 255 * np.iinfo(filled.dtype).max))
    levels = np.rint(filled + lacking).clip(0, np.iinfo(filled.dtype).max)
    blended = feather(filled.copy(), levels.astype(filled.dtype), region, _WIDTH_PX)
    return blended[border.tile.within(border.seen)]

"""The figure: the photograph, damaged and painted, above what the networks see in it; nothing here needs torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from splpaint.images import Hole, Pixels, dilate

__all__ = ["draw_explanation"]

_PANEL_PX = 360  # the longer side of a panel
_GAP_PX = 8
_HEAD_PX = 28
_FONT_PX = 16
# Okabe and Ito's colours, which can be told apart whatever one's colour vision.
_PALETTE = np.array(
    [[86, 180, 233], [230, 159, 0], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0]], np.uint8
)
_HOLE_COLOUR = np.array([232, 62, 140], np.uint8)


def draw_explanation(
    image: Pixels,
    hole: Hole,
    *,
    painted: Pixels,
    colours: Mapping[str, Pixels],
    regions: Mapping[str, NDArray[np.int32]],
    error: NDArray[np.float32] | None,
) -> Image.Image:
    """Draw an explanation as an RGB picture; the hole's outline is drawn over every map.

    Args:
        image: uint8 (H,W,3).
        hole: bool (H,W), True = missing.
        painted: uint8 (h,w,3), as the network left it.
        colours: Name => uint8 (p,q,3), maps as colours.
        regions: Name => (p,q), numbers of regions from 0.
        error: (p,q), how far the second map is from the first one; None: there is one map.
    """
    scale = _PANEL_PX / max(hole.shape)
    height, width = (max(1, round(scale * side_px)) for side_px in hole.shape)
    shown_hole = np.asarray(Image.fromarray(hole).resize((width, height), Image.Resampling.NEAREST))
    photo, mended = (_scaled(each, width, height, Image.Resampling.LANCZOS) for each in (image, painted))
    damaged = np.where(shown_hole[..., None], _HOLE_COLOUR, photo)
    above = {"photograph": photo, "its hole": damaged, "painted by the network": mended}
    maps = {f"{name}, as colours": each for name, each in colours.items()}
    maps |= {f"{name}, as regions": _PALETTE[each % len(_PALETTE)] for name, each in regions.items()}
    if error is not None:
        levels = np.clip(error / max(float(np.percentile(error, 99)), 1e-6), 0, 1)
        above["error of the prior (white: large)"] = _outlined(
            _scaled(np.repeat(np.rint(levels * 255).astype(np.uint8)[..., None], 3, 2), width, height),
            shown_hole,
        )
    below = {name: _outlined(_scaled(each, width, height), shown_hole) for name, each in maps.items()}
    return _grid([above, below], width, height)


def _scaled(
    pixels: Pixels, width: int, height: int, how: Image.Resampling = Image.Resampling.NEAREST
) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((width, height), how))


def _outlined(pixels: Pixels, hole: Hole) -> Pixels:
    """Draw a white line around the hole and a black one around that, which show on every colour."""
    beyond = dilate(hole, 1)
    drawn = np.where((dilate(beyond, 1) & ~beyond)[..., None], np.uint8(0), pixels)
    return np.where((beyond & ~hole)[..., None], np.uint8(255), drawn)


def _grid(rows: list[dict[str, Pixels]], width: int, height: int) -> Image.Image:
    font = ImageFont.load_default(size=_FONT_PX)
    titles = [title for row in rows for title in row]
    pitch = max(width, *(round(font.getlength(title)) for title in titles)) + _GAP_PX
    columns = max(map(len, rows))
    sheet = Image.new("RGB", (columns * pitch + _GAP_PX, len(rows) * (height + _HEAD_PX) + _GAP_PX), "white")
    pen = ImageDraw.Draw(sheet)
    for line, row in enumerate(rows):
        for column, (title, panel) in enumerate(row.items()):
            middle = _GAP_PX / 2 + (column + 0.5) * pitch
            top = line * (height + _HEAD_PX)
            pen.text((middle, top + _HEAD_PX / 2), title, fill="black", font=font, anchor="mm")
            sheet.paste(Image.fromarray(panel), (round(middle - width / 2), top + _HEAD_PX))
    return sheet

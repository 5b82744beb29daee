"""Pictures beside each other with captions, for figures and blind sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

__all__ = ["Panel", "arrange", "on_hole_colour"]

_HOLE_COLOUR = (230, 60, 150)  # seldom in photographs, unlike white, grey and black
_GAP_PX = 8
_FONT_SHARE = 0.08  # of a panel's width
_LEAST_FONT_PX, _MOST_FONT_PX = 12, 28


class Panel(NamedTuple):
    """A picture (RGB), and what stands above it."""

    picture: Image.Image
    caption: str = ""


def on_hole_colour(damaged: Image.Image) -> Image.Image:
    """A damaged picture (RGBA, transparent where it is missing) with its hole in a plain colour, as RGB."""
    ground = Image.new("RGBA", damaged.size, (*_HOLE_COLOUR, 255))
    return Image.alpha_composite(ground, damaged.convert("RGBA")).convert("RGB")


def arrange(rows: Sequence[Sequence[Panel]]) -> Image.Image:
    """Put panels on white paper, row below row, with thin gaps.

    Args:
        rows: Panels of the same width; those of a row also of the same height. A row without captions has no room for
            them.

    Returns:
        An RGB picture.
    """
    width = rows[0][0].picture.width
    font_px = min(max(round(width * _FONT_SHARE), _LEAST_FONT_PX), _MOST_FONT_PX)
    heads = [round(font_px * 1.5) if any(panel.caption for panel in row) else 0 for row in rows]
    heights = [head + row[0].picture.height for head, row in zip(heads, rows, strict=True)]
    columns = max(map(len, rows))
    size = (columns * (width + _GAP_PX) - _GAP_PX, sum(heights) + _GAP_PX * (len(rows) - 1))
    paper = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(paper)
    top = 0
    for row, head, height in zip(rows, heads, heights, strict=True):
        for column, panel in enumerate(row):
            left = column * (width + _GAP_PX)
            _write(pen, panel.caption, left + width / 2, top + head / 2, width, font_px)
            paper.paste(panel.picture, (left, top + head))
        top += height + _GAP_PX
    return paper


def _write(
    pen: ImageDraw.ImageDraw, text: str, centre: float, middle: float, width: int, font_px: int
) -> None:
    """Write a text as large as it fits, and cut what does not fit at all."""
    while font_px > _LEAST_FONT_PX and pen.textlength(text, _font(font_px)) > width:
        font_px -= 1
    while len(text) > 1 and pen.textlength(text, _font(font_px)) > width:
        text = f"{text.removesuffix('...')[:-1]}..."
    pen.text((centre, middle), text, fill="black", font=_font(font_px), anchor="mm")


def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size_px)

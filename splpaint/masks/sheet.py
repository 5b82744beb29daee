"""A contact sheet of masks: a row for each source, its name beside it, holes white on grey."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from splpaint.images import Hole
from splpaint.masks.origin import Frame
from splpaint.masks.sources import MaskSource

__all__ = ["contact_sheet", "some_masks"]

_GAP_PX = 4
_LABEL_PX = 120
_PAPER, _INK, _KNOWN, _HOLE = 255, 0, 90, 235  # grey levels


def some_masks(source: MaskSource, count: int, *, seed: int, side_px: int) -> list[Hole]:
    """The first masks of a kind, or files evenly spaced through a set; at most ``count``."""
    numbers = range(count)
    if source.count is not None:
        numbers = range(source.count)[:: max(1, source.count // count)][:count]
    return [source.mask(number, seed=seed, frame=Frame.square(side_px)).hole for number in numbers]


def contact_sheet(rows: Mapping[str, Iterable[Hole]], *, side_px: int) -> Image.Image:
    """Draw rows of masks.

    Args:
        rows: Label => holes, bool (side_px,side_px).
        side_px: Of a mask.

    Returns:
        A grey picture (mode L).
    """
    holes = {label: list(row) for label, row in rows.items()}
    columns = max(len(row) for row in holes.values())
    pitch = side_px + _GAP_PX
    sheet = Image.new("L", (_LABEL_PX + columns * pitch, _GAP_PX + len(holes) * pitch), _PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=14)
    for line, (label, row) in enumerate(holes.items()):
        top = _GAP_PX + line * pitch
        pen.text((_GAP_PX, top + side_px // 2 - 8), label, fill=_INK, font=font)
        for place, hole in enumerate(row):
            levels = np.where(hole, np.uint8(_HOLE), np.uint8(_KNOWN))  # bool (S,S) => uint8 (S,S)
            sheet.paste(Image.fromarray(levels), (_LABEL_PX + place * pitch, top))
    return sheet

"""The contact sheet of a validation: the same pairs each time, so that two sheets show what was learnt in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from splpaint.images import Hole, Pixels
from splpaint.training.report.feature_colours import principal_colours

__all__ = ["SheetRow", "draw_sheet"]

_COLUMNS = ("damaged", "painted", "composite", "truth", "prior")
_GAP_PX = 4
_HEAD_PX = 24


class SheetRow(NamedTuple):
    """A pair and what the network makes of it.

    Attributes:
        truth: uint8 (S,S,3).
        hole: bool (S,S), True = missing.
        painted: uint8 (S,S,3), the raw prediction of the whole image.
        composite: uint8 (S,S,3), its hole in the known pixels.
        prior: float32 (P,h,w), the predicted pretext feature.
    """

    truth: Pixels
    hole: Hole
    painted: Pixels
    composite: Pixels
    prior: NDArray[np.float32]


def draw_sheet(rows: Sequence[SheetRow]) -> Image.Image:
    """Draw pairs below each other, each damaged, painted, composite, truth and prior, as an RGB picture.

    The colours of the priors are those of this sheet: equal colours mean alike features.

    Args:
        rows: At least one, all of the same size.
    """
    side_px = rows[0].truth.shape[0]
    pitch = side_px + _GAP_PX
    sheet = Image.new("RGB", (len(_COLUMNS) * pitch + _GAP_PX, len(rows) * pitch + _HEAD_PX), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=14)
    lefts = [_GAP_PX + column * pitch for column in range(len(_COLUMNS))]
    for left, name in zip(lefts, _COLUMNS, strict=True):
        pen.text((left + side_px / 2, _HEAD_PX / 2), name, fill="black", font=font, anchor="mm")
    for number, (row, prior) in enumerate(
        zip(rows, principal_colours([row.prior for row in rows]), strict=True)
    ):
        damaged = np.where(row.hole[..., None], np.uint8(255), row.truth)
        shown = [Image.fromarray(each) for each in (damaged, row.painted, row.composite, row.truth)]
        shown.append(Image.fromarray(prior).resize((side_px, side_px), Image.Resampling.NEAREST))
        for left, picture in zip(lefts, shown, strict=True):
            sheet.paste(picture, (left, _HEAD_PX + number * pitch))
    return sheet

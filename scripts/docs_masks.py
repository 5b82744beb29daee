"""Draw docs/masks.png: six masks of each kind; the cut-outs for `object` are drawn here, too.

python scripts/docs_masks.py
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

from splpaint.masks import GENERATORS, contact_sheet, open_masks, some_masks

SHEET = Path(__file__).parent.parent / "docs" / "masks.png"
SIDE_PX, COUNT = 112, 6


def main() -> None:
    """Write the sheet."""
    rows = {kind: some_masks(open_masks(kind), COUNT, seed=0, side_px=SIDE_PX) for kind in GENERATORS}
    with tempfile.TemporaryDirectory() as folder:
        for name, draw in (("fish", _fish), ("tree", _tree), ("person", _person)):
            _cut_out(draw).save(Path(folder, f"{name}.png"))
        rows["object"] = some_masks(open_masks(f"object:{folder}"), COUNT, seed=0, side_px=SIDE_PX)
    contact_sheet(rows, side_px=SIDE_PX).save(SHEET, optimize=True)
    print(f"{SHEET}: {SHEET.stat().st_size} bytes")


def _cut_out(draw: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    picture = Image.new("RGBA", (200, 200))
    draw(ImageDraw.Draw(picture))
    return picture


def _fish(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse((20, 60, 150, 140), fill="teal")
    pen.polygon(((135, 100), (190, 60), (190, 140)), fill="teal")
    pen.polygon(((70, 65), (110, 30), (115, 70)), fill="teal")


def _tree(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((90, 120, 110, 195), fill="sienna")
    for left, top in ((30, 40), (80, 40), (55, 5), (55, 70)):
        pen.ellipse((left, top, left + 90, top + 80), fill="green")


def _person(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse((80, 5, 120, 45), fill="black")
    pen.rounded_rectangle((70, 50, 130, 120), 18, fill="black")
    pen.line(((85, 110), (75, 195)), width=20, fill="black")
    pen.line(((115, 110), (125, 195)), width=20, fill="black")
    pen.line(((75, 60), (40, 110)), width=16, fill="black")
    pen.line(((125, 60), (165, 95)), width=16, fill="black")


if __name__ == "__main__":
    main()

"""Restore the photographs in examples/ with the bundled model and show them before and after.

    python scripts/demo.py [OUT]          (make demo)

Needs no more than the core installation. Results and before-after.jpg go to OUT, by default demo/.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from splpaint import load_inpainter
from splpaint.images import as_hole

ROOT = Path(__file__).resolve().parent.parent
PHOTOGRAPHS, MASKS = ROOT / "examples" / "photographs", ROOT / "examples" / "masks"
ROW_HEIGHT_PX = 320
MARK = np.array([232, 62, 140], np.uint8)  # the colour that shows the hole


def main() -> None:
    """Paint every example; print what was written."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo"
    out.mkdir(parents=True, exist_ok=True)
    paint = load_inpainter()
    print(f"model {paint.model}, {paint.engine}, {paint.precision}")

    pairs = []
    for path in sorted(PHOTOGRAPHS.iterdir()):
        photo, mask = Image.open(path).convert("RGB"), Image.open(MASKS / f"{path.stem}.png")
        started_s = time.perf_counter()
        painted = paint(photo, mask)
        seconds = time.perf_counter() - started_s
        target = out / f"{path.stem}.painted.png"
        painted.save(target)
        print(f"{target}: {photo.width}x{photo.height}, hole {as_hole(mask).mean():.1%}, {seconds:.1f} s")
        pairs.append((marked(photo, mask), painted))

    sheet = out / "before-after.jpg"
    before_after(pairs).save(sheet, quality=88)
    print(f"{sheet}: all of them, before (hole in pink) and after")


def marked(photo: Image.Image, mask: Image.Image) -> Image.Image:
    """The photograph with its hole painted over."""
    return Image.fromarray(np.where(as_hole(mask)[..., None], MARK, np.asarray(photo)))


def before_after(pairs: list[tuple[Image.Image, Image.Image]]) -> Image.Image:
    """Rows of two: before, after."""
    rows = []
    for pair in pairs:
        width = round(pair[0].width * ROW_HEIGHT_PX / pair[0].height)
        row = [np.asarray(each.resize((width, ROW_HEIGHT_PX), Image.Resampling.LANCZOS)) for each in pair]
        rows.append(np.concatenate(row, axis=1))
    width = max(row.shape[1] for row in rows)
    sides = [(width - row.shape[1]) for row in rows]
    padded = [
        np.pad(row, ((2, 2), (side // 2, side - side // 2), (0, 0)), constant_values=255)
        for row, side in zip(rows, sides, strict=True)
    ]
    return Image.fromarray(np.concatenate(padded))


if __name__ == "__main__":
    main()

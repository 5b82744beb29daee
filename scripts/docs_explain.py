"""Make docs/explain.jpg: what the bundled model thinks of two example photographs with holes.

python scripts/docs_explain.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from splpaint.explanation import explain
from splpaint.images import Hole, read_rgb
from splpaint.inference.models import BUNDLED

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "docs" / "explain.jpg"
BOXES = {"statue": [(0.42, 0.30, 0.60, 0.55)], "cat": [(0.42, 0.3, 0.62, 0.6)]}
"""Example => what is hidden of it: left, top, right, bottom, as shares of its sides."""


def main() -> None:
    """Draw them below each other."""
    figures = []
    for name, boxes in BOXES.items():
        image = read_rgb(ROOT / "examples" / "photographs" / f"{name}.webp")
        figures.append(explain(image, _hole(image.shape[:2], boxes), BUNDLED["compact"]).figure)
    page = Image.new("RGB", (max(f.width for f in figures), sum(f.height for f in figures)), "white")
    top = 0
    for figure in figures:
        page.paste(figure, ((page.width - figure.width) // 2, top))
        top += figure.height
    page.save(OUTPUT, quality=80, optimize=True)
    print(f"wrote {OUTPUT} ({OUTPUT.stat().st_size / 1000:.0f} kB)")


def _hole(shape: tuple[int, ...], boxes: list[tuple[float, float, float, float]]) -> Hole:
    height, width = shape[:2]
    hole = np.zeros((height, width), np.bool_)
    for left, top, right, bottom in boxes:
        hole[int(top * height) : int(bottom * height), int(left * width) : int(right * width)] = True
    return hole


if __name__ == "__main__":
    main()

"""Draw the pictures of docs/painting.md from the photographs in examples/, with the bundled model.

    python scripts/docs_painting.py

Writes docs/painting-damaged.jpg, painting-growing.jpg, painting-texture.jpg and painting-half.jpg.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from splpaint import Inpainter, load_inpainter

ROOT = Path(__file__).resolve().parent.parent
PHOTOGRAPHS, DOCS = ROOT / "examples" / "photographs", ROOT / "docs"
MARK = (232, 62, 140)  # the colour that shows the hole
YELLOW = (255, 214, 64)


def main() -> None:
    """Write the four pictures."""
    paint = load_inpainter()
    for name, views in {
        "damaged": damaged(paint),
        "growing": growing(paint),
        "texture": texture(paint),
        "half": half(paint),
    }.items():
        path = DOCS / f"painting-{name}.jpg"
        side_by_side(views).save(path, quality=88)
        print(f"{path}: {path.stat().st_size} bytes")


def damaged(paint: Inpainter) -> list[Image.Image]:
    """A scratched, dated photograph; what was marked; restored with the marks grown by 3 pixels."""
    photo = Image.open(PHOTOGRAPHS / "house.webp").convert("RGB")
    mask = Image.new("L", photo.size)
    width, height = photo.size
    for layer, colour in ((photo, (236, 232, 224)), (mask, 255)):
        pen, draw = ImageDraw.Draw(layer), np.random.default_rng(7)
        for _ in range(9):
            start = draw.uniform(0, 1, 2) * (width, height)
            steps = draw.normal(0, 26, (9, 2)) + draw.normal(0, 30, 2)
            points = start + np.cumsum(steps, axis=0)
            pen.line([tuple(point) for point in points.tolist()], colour, width=2, joint="curve")
        font = ImageFont.load_default(height // 16)
        pen.text((width * 0.66, height * 0.88), "12 7 '94", YELLOW if colour != 255 else 255, font)
    mask = black_and_white(mask)
    return [photo, marked(photo, mask), paint(photo, mask, dilate=3)]


def growing(paint: Inpainter) -> list[Image.Image]:
    """A lettering in a JPEG; marked as tightly as it is drawn and painted; the same with --dilate 4."""
    photo = Image.open(PHOTOGRAPHS / "statue.webp").convert("RGB")
    width, height = photo.size
    mask = Image.new("L", photo.size)
    place, font = (width * 0.06, height * 0.1), ImageFont.load_default(height // 9)
    for layer, colour in ((photo, (200, 30, 30)), (mask, 255)):
        ImageDraw.Draw(layer).text(place, "SAMPLE", colour, font)
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=60)
    photo, mask = Image.open(file).convert("RGB"), black_and_white(mask)
    views = [photo, paint(photo, mask), paint(photo, mask, dilate=4)]
    return [view.crop((0, 0, int(width * 0.75), int(height * 0.35))) for view in views]


def texture(paint: Inpainter) -> list[Image.Image]:
    """A thick hole; the network alone, as --no-texture leaves it; with the picture's own texture."""
    photo = Image.open(PHOTOGRAPHS / "canyon.webp").convert("RGB")
    width, height = photo.size
    mask = Image.new("L", photo.size)
    ImageDraw.Draw(mask).ellipse((width * 0.3, height * 0.42, width * 0.55, height * 0.78), 255)
    smooth = load_inpainter(texture=False)
    return [marked(photo, mask), smooth(photo, mask), paint(photo, mask)]


def half(paint: Inpainter) -> list[Image.Image]:
    """A hole of half the picture, filled, and the picture as it was."""
    photo = Image.open(PHOTOGRAPHS / "canyon.webp").convert("RGB")
    mask = Image.new("L", photo.size)
    ImageDraw.Draw(mask).rectangle((0, 0, photo.width // 2 - 1, photo.height), 255)
    return [marked(photo, mask), paint(photo, mask), photo]


def black_and_white(mask: Image.Image) -> Image.Image:
    """The mask without the soft edges of letters."""
    return mask.point(lambda level: 255 * (level > 127))


def marked(photo: Image.Image, mask: Image.Image) -> Image.Image:
    """The photograph with its hole painted over."""
    return Image.composite(Image.new("RGB", photo.size, MARK), photo, mask)


def side_by_side(views: list[Image.Image]) -> Image.Image:
    """Views of one size in a row, each 400 pixels wide."""
    width, height = views[0].size
    size = (400, round(400 * height / width))
    row = Image.new("RGB", (len(views) * 404 - 4, size[1]), "white")
    for number, view in enumerate(views):
        row.paste(view.resize(size, Image.Resampling.LANCZOS), (404 * number, 0))
    return row


if __name__ == "__main__":
    main()

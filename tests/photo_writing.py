"""Photos for tests, and photos written as the commands write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from splpaint.atomic_files import write_atomic
from splpaint.images import Deep, Photo, Pixels, encode_photo, format_of, original_bytes

PROFILE = bytes(range(200))


def noise(mode: str = "RGB") -> Image.Image:
    """An image of 50 x 40 pixels in any of Pillow's modes, the same every time."""
    pixels: Pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 4), np.uint8)
    return Image.fromarray(pixels if mode.endswith("A") else pixels[:, :, :3].copy()).convert(mode)


def some_exif(orientation: int = 1) -> bytes:
    """EXIF data with a maker, an exposure, a date and a place."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    exif[0x8769] = {0x829A: (1, 100), 0x9003: "2020:01:01 00:00:00"}
    exif[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    return exif.tobytes()


def write_photo(
    photo: Photo, painted: Image.Image | Deep, output: Path, *, quality: int | None = None
) -> None:
    """Write the painted photograph."""
    write_atomic(output, encode_photo(photo, painted, format_of(output), quality=quality))


def copy_photo(photo: Photo, output: Path) -> None:
    """Write the original itself."""
    write_atomic(output, original_bytes(photo, format_of(output)))

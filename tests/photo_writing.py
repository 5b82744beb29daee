"""Photographs written as the commands write them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from splpaint.atomic_files import write_atomic
from splpaint.images import Deep, Photo, encode_photo, format_of, original_bytes


def write_photo(
    photo: Photo, painted: Image.Image | Deep, output: Path, *, quality: int | None = None
) -> None:
    """Write the painted photograph."""
    write_atomic(output, encode_photo(photo, painted, format_of(output), quality=quality))


def copy_photo(photo: Photo, output: Path) -> None:
    """Write the original itself."""
    write_atomic(output, original_bytes(photo, format_of(output)))

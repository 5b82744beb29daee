"""One photograph: what is painted, encoded as the file to write."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from splpaint.images import WRONG_WAY_ROUND, Format, Hole, Photo, encode_photo, original_bytes
from splpaint.inference.painter import Painter, Progress
from splpaint.notices import tell

__all__ = ["painted_file"]


def painted_file(
    painter: Callable[[], Painter],
    photo: Photo,
    hole: Hole,
    format: Format,
    *,
    feather_px: int = 0,
    quality: int | None = None,
    progress: Progress | None = None,
) -> bytes:
    """Paint a photograph and encode it; one with an empty hole is its own file, byte for byte if it can be.

    Args:
        painter: Gives the painter; not called for an empty hole.
        photo: The photograph.
        hole: From ``find_hole``.
        format: The one to write.
        feather_px: As ``feather`` of the painter.
        quality: As for ``encode_photo``.
        progress: As for the painter.

    Raises:
        InputError: Nothing is known, or the format cannot hold the picture.
    """
    if not hole.any():
        tell(f"the mask marks nothing: the picture is copied; {WRONG_WAY_ROUND}")
        return original_bytes(photo, format)
    pixels = painter()(np.asarray(photo.image), hole, feather_px=feather_px, progress=progress)
    painted = Image.fromarray(pixels) if isinstance(photo.image, Image.Image) else pixels
    # Where the caller has let go of the original, its memory is free now.
    photo = photo._replace(image=painted)
    return encode_photo(photo, painted, format, quality=quality)

"""A JPEG that was cut short: it gets an end; what is missing becomes grey, or of a progressive one less sharp.

Which rows are missing is found by what depends on the missing data: those that differ when other data follow.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from splpaint.images.arrays import Pixels
from splpaint.images.containers import JPEG_END, cut_jpeg
from splpaint.images.decoding import MAX_PIXELS, silent_pillow
from splpaint.images.mending.missing import Mended, name_rows

__all__ = ["mend_jpeg"]

_OTHER_BYTES = 4096
_BLOCKS_PX = 16  # height of the blocks that are coded together, at most, as nearly all are written
_STARTS = (b"\xfe", b"\xff\x00\xff\x00")  # ones: the decoder itself puts zeros after the end


def mend_jpeg(data: bytes) -> Mended | None:
    """Give a JPEG an end; None: it has one, or no data of its picture."""
    kept = cut_jpeg(data)
    if kept is None:
        return None
    noise = (
        np.random.default_rng(0).integers(0, 255, _OTHER_BYTES, np.uint8).tobytes()
    )  # without 255, the start of a marker
    try:
        pixels = _decoded(kept + JPEG_END)
        uncertain = [pixels != _decoded(kept + start + noise + JPEG_END) for start in _STARTS]
    except (OSError, ValueError):
        return None
    rows = np.flatnonzero(np.logical_or(*uncertain).reshape(len(pixels), -1).any(axis=1)).tolist()
    missing = [*range(_first_touched(rows[0]), len(pixels))] if rows else []
    return Mended(kept + JPEG_END, name_rows(missing, len(pixels)))


def _first_touched(row: int) -> int:
    # Others of the same blocks, and below, are the same by chance; colours are smoothed over one row more.
    return max(0, (row + 1) // _BLOCKS_PX * _BLOCKS_PX - 1)


def _decoded(data: bytes) -> Pixels:
    with silent_pillow():
        image = Image.open(io.BytesIO(data), formats=["JPEG", "MPO"])
    if image.width * image.height > MAX_PIXELS:
        raise ValueError("too large")
    return np.asarray(image)

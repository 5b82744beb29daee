"""A TIFF of which strips or tiles are missing or cut short: it gets black ones in their places.

These are compressed by Pillow as the others are, which goes with the codecs that lose nothing.
"""

from __future__ import annotations

import contextlib
import functools
import io
import struct

from PIL import Image

from splpaint.images.containers import LAYOUT_TAGS, TiffLayout, TiffReader, tiff_layout, tiff_numbers
from splpaint.images.decoding import MAX_PIXELS
from splpaint.images.mending.missing import Mended, name_rows

__all__ = ["mend_tiff"]

_CODECS = {1: "raw", 5: "tiff_lzw", 8: "tiff_adobe_deflate", 32773: "packbits", 32946: "tiff_deflate"}
_UNCOMPRESSED = 1
_WIDTH = 256
_OFFSETS, _COUNTS = {273, 324}, {279, 325}
_OFFSET, _COUNT = 273, 279
_LONG = 4
_MOST_PIXEL_BYTES, _MOST_SPARE_BYTES = 8, 1 << 26


def mend_tiff(data: bytes) -> Mended | None:
    """Fill a TIFF up; None: nothing is missing or everything, or it is compressed in another way."""
    with contextlib.suppress(ValueError, struct.error):
        tags = tiff_numbers(io.BytesIO(data), LAYOUT_TAGS)
        layout = tiff_layout(tags)
        known = layout.codec in _CODECS and layout.row_bytes and layout.parts
        if not known or _too_large(tags.one(_WIDTH) * layout.height, layout):
            return None
        whole = [layout.is_whole(part, len(data)) for part in range(layout.parts)]
        there = any(layout.bytes_there(part, len(data)) for part in range(layout.parts))
        if there and not all(whole):
            return _filled_up(data, layout, whole)
    return None


def _too_large(pixels: int, layout: TiffLayout) -> bool:
    # Tiles reach beyond a picture's edges, and may be made to reach very far.
    spare_bytes = layout.bytes_of(0) * layout.parts - _MOST_PIXEL_BYTES * pixels
    return pixels > MAX_PIXELS or spare_bytes > _MOST_SPARE_BYTES


def _filled_up(data: bytes, layout: TiffLayout, whole: list[bool]) -> Mended:
    filled, offsets, sizes = bytearray(data), [], []
    gone: set[int] = set()
    for part, there in enumerate(whole):
        if there:
            offsets.append(layout.offsets[part])
            sizes.append(layout.bytes_there(part, len(data)))
            continue
        kept = _rows_there(data, layout, part)
        offsets.append(len(filled))
        filled += kept + _black(layout.codec, layout.bytes_of(part) - len(kept))
        sizes.append(len(filled) - offsets[-1])
        gone.update(layout.rows_of(part)[len(kept) // layout.row_bytes :])
    _write_places(filled, offsets, sizes)
    missing = name_rows(sorted(gone), layout.height)
    if layout.tiled:
        missing = f"{whole.count(False)} of its {layout.parts} tiles are missing or cut short"
    return Mended(bytes(filled), missing)


def _rows_there(data: bytes, layout: TiffLayout, part: int) -> bytes:
    if layout.codec != _UNCOMPRESSED or part >= len(layout.offsets):
        return b""
    size = min(layout.bytes_there(part, len(data)), layout.bytes_of(part))
    start = layout.offsets[part]
    return data[start : start + size // layout.row_bytes * layout.row_bytes]


@functools.lru_cache(2)
def _black(codec: int, size: int) -> bytes:
    # All zeros, as a single strip of a grey picture.
    if codec == _UNCOMPRESSED:
        return bytes(size)
    buffer = io.BytesIO()
    Image.new("L", (size, 1)).save(buffer, "TIFF", compression=_CODECS[codec], strip_size=size)
    reader = TiffReader(buffer)
    fields = reader.directory(reader.first).fields
    ((start,), (length,)) = (reader.numbers(fields[tag]) for tag in (_OFFSET, _COUNT))
    return reader.read(start, length)


def _write_places(filled: bytearray, offsets: list[int], sizes: list[int]) -> None:
    reader = TiffReader(io.BytesIO(filled))
    if reader.big:
        raise ValueError("a BigTIFF")
    fields = reader.directory(reader.first).fields
    for tags, numbers in ((_OFFSETS, offsets), (_COUNTS, sizes)):
        (field,) = (fields[tag] for tag in tags & fields.keys())
        values = struct.pack(f"{reader.order}{len(numbers)}I", *numbers)
        filled += bytes(len(filled) % 2)
        place = values if len(values) == 4 else struct.pack(reader.order + "I", len(filled))
        filled += values
        struct.pack_into(f"{reader.order}HI4s", filled, field.entry + 2, _LONG, len(numbers), place)

"""The bits per channel of a picture's file, which Pillow often hides: it reads deep colours into an 8-bit mode."""

from __future__ import annotations

import struct
from typing import BinaryIO

from PIL import Image

from splpaint.images import jpeg_xl_header
from splpaint.images.containers import find_boxes

__all__ = ["bits_per_channel"]

_PNG_DEPTH = 24  # in its header, at the file's beginning
_CODESTREAM_START = b"\xff\x4f\xff\x51"
_SIZE_BYTES = 1 << 16  # of the marker segment of JPEG 2000 that tells the depths


def bits_per_channel(image: Image.Image, file: BinaryIO) -> int:
    """Bits of the deepest channel: 8, 10, 12, 16 or 32.

    Args:
        image: As Pillow opens it; it need not be decoded.
        file: Its file; the position is changed.
    """
    if image.mode.startswith("I") and image.format != "TIFF":
        return 16
    if image.mode in {"I", "F"}:
        return 32
    # In these formats Pillow reads deep colours into an 8-bit mode.
    if image.format == "TIFF":
        depths = image.tag_v2.get(258, 8)  # type: ignore[attr-defined]
        return max(depths) if isinstance(depths, tuple) else int(depths)
    if image.format == "HEIF":
        return int(image.info.get("bit_depth", 8))
    if image.format == "JXL":
        return jpeg_xl_header.bits_per_channel(file)
    if image.format == "PNG":
        return _read(file, _PNG_DEPTH, 1)[0]
    if image.format == "JPEG2000":
        return _of_jpeg_2000(file)
    if image.format == "AVIF":
        return _of_avif(file)
    tiles = getattr(image, "tile", [])
    deep_tile = any(";16" in str(tile) and "BGR" not in str(tile) for tile in tiles)
    deep_pnm = image.format == "PPM" and any(
        isinstance(tile[3], tuple) and tile[3][1] > 255 for tile in tiles
    )
    return 16 if deep_tile or deep_pnm else 8


def _of_jpeg_2000(file: BinaryIO) -> int:
    # SIZ: 38 bytes of sizes, then 3 bytes for each component
    start = next((box.start for box in find_boxes(file, b"jp2c")), 0)
    head = _read(file, start, _SIZE_BYTES)
    if not head.startswith(_CODESTREAM_START):
        return 8
    (count,) = struct.unpack_from(">H", head, 40)
    return max(((head[42 + 3 * number] & 0x7F) + 1 for number in range(count)), default=8)


def _of_avif(file: BinaryIO) -> int:
    # The third byte of each AV1 configuration: of the picture, its alpha, its parts
    places = [box.start + 2 for box in find_boxes(file, b"meta", b"iprp", b"ipco", b"av1C")]
    flags = [byte for place in places for byte in _read(file, place, 1)]
    return max(((12 if byte & 0x20 else 10) if byte & 0x40 else 8 for byte in flags), default=8)


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    return file.read(size)

"""Bits per channel of a picture, which Pillow often does not tell: it reads deep colours into an 8-bit mode."""

from __future__ import annotations

import struct

from PIL import Image

from splpaint.images import jpeg_xl_header

__all__ = ["bits_per_channel"]


def bits_per_channel(image: Image.Image, head: bytes) -> int:
    """Bits of the deepest channel: 8, 10, 12, 16 or 32.

    Args:
        image: As Pillow opens it; need not be decoded.
        head: The beginning of its file.
    """
    if image.mode.startswith("I") and image.format != "TIFF":
        return 16
    if image.mode == "I":
        return 32
    if image.mode == "F":
        return 32
    # In these formats Pillow reads deep colours into an 8-bit mode.
    if image.format == "TIFF":
        depths = image.tag_v2.get(258, 8)  # type: ignore[attr-defined]
        return max(depths) if isinstance(depths, tuple) else int(depths)
    if image.format == "HEIF":
        return int(image.info.get("bit_depth", 8))
    if image.format == "JXL":
        return jpeg_xl_header.bits_per_channel(head)
    if image.format == "PNG":
        return head[24]
    if image.format == "JPEG2000":
        start = head.find(b"\xff\x4f\xff\x51")  # SIZ: 38 bytes of sizes, then 3 bytes for each component
        count = struct.unpack_from(">H", head, start + 40)[0] if start >= 0 else 0
        return max(((head[start + 42 + 3 * i] & 0x7F) + 1 for i in range(count)), default=8)
    if image.format == "AVIF":
        start = head.find(b"av1C")
        flags = head[start + 6] if start >= 0 else 0
        return (12 if flags & 0x20 else 10) if flags & 0x40 else 8
    tiles = getattr(image, "tile", [])
    deep_tile = any(";16" in str(tile) and "BGR" not in str(tile) for tile in tiles)
    deep_pnm = image.format == "PPM" and any(
        isinstance(tile[3], tuple) and tile[3][1] > 255 for tile in tiles
    )
    return 16 if deep_tile or deep_pnm else 8

"""Images of 16 bits per channel: decoded to uint16 arrays, and encoded as PNG and TIFF.

Pillow reads and writes 16-bit grey, but silently decodes 16-bit colours to 8 bits: the upper ones. So the lower ones of
a PNG are decoded by it, too, and added; a TIFF is decoded by OpenCV, which also checks what is written (``pip install
'.[deep]'``). Colours are written by Pillow in disguise: it writes the metadata, and what it takes for 8-bit samples is
replaced or relabelled here.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import Deep
from splpaint.images.containers import png_chunks
from splpaint.images.decoding import orientation_of

__all__ = ["decode_bgr", "decode_deep", "encode_deep"]

_PNG_SIGNATURE_BYTES = 8
_PNG_COLOURS = {1: 0, 3: 2, 4: 6}
_IMAGE_WIDTH, _BITS_PER_SAMPLE, _PLANAR_CONFIGURATION, _EXTRA_SAMPLES = 256, 258, 284, 338
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_ROWS_AT_ONCE = 256


def decode_deep(stored: Image.Image, data: bytes, path: Path) -> Deep:
    """Decode an image of 16 bits per channel, and turn it upright.

    Args:
        stored: The image of ``open_stored``.
        data: The file's bytes.
        path: Its name, for messages.

    Returns:
        uint16 ``(H, W)`` grey, ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA.

    Raises:
        InputError: It has colours and OpenCV is not installed, or is in a format or layout that OpenCV cannot
            decode with all its bits.
    """
    if stored.mode.startswith("I"):
        if "transparency" in stored.info:
            raise InputError(
                f"{path} has 16 bits of grey of which one shade is transparent; expected plain grey: convert it first"
            )
        pixels = np.asarray(stored).astype(np.uint16)
        if (
            getattr(stored, "tag_v2", {}).get(_PHOTOMETRIC) == _WHITE_IS_ZERO
        ):  # which Pillow considers with 8 bits alone
            np.subtract(65_535, pixels, out=pixels)
    else:
        pixels = _decode_colours(stored, data, path)
    return _upright(pixels, orientation_of(stored) if stored.format != "TIFF" or pixels.ndim == 3 else 1)


def decode_bgr(data: bytes) -> NDArray[Any] | None:
    """Decode an image by OpenCV, with its channels in the order BGR(A); None if OpenCV cannot."""
    import cv2

    logging = cv2.utils.logging
    level = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_SILENT)  # it would print what becomes an error
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    finally:
        logging.setLogLevel(level)


def encode_deep(pixels: Deep, name: str, options: dict[str, Any]) -> io.BytesIO:
    """Encode a 16-bit image, in memory.

    Args:
        pixels: The image.
        name: ``PNG`` or ``TIFF``.
        options: Options of Pillow's writer of that format.
    """
    file = io.BytesIO()
    if pixels.ndim == 2:
        Image.fromarray(pixels).save(file, name, **options)
    elif name == "PNG":
        _write_png(pixels, options, file)
    else:
        _write_tiff(pixels, options, file)
    return file


def _decode_colours(stored: Image.Image, data: bytes, path: Path) -> Deep:
    if stored.format not in {"PNG", "TIFF"} or stored.mode not in {"RGB", "RGBA"}:
        raise InputError(
            f"{path} has 16 bits per channel; expected grey, RGB or RGBA in a PNG or TIFF, or 8 bits, got "
            f"{stored.format} in {stored.mode}: convert it first"
        )
    _require_plain(stored, path)
    try:
        import cv2  # noqa: F401
    except ImportError as error:
        raise InputError(
            f"{path} has 16 bits per channel, which needs OpenCV to keep, got none; in the clone of "
            "splpaint run: pip install '.[deep]', or convert it to 8 bits first"
        ) from error
    if stored.format == "PNG":
        return _add_lower_bits(stored, data, path)
    decoded = decode_bgr(data)
    channels = len(stored.mode)
    if decoded is None or decoded.dtype != np.uint16 or decoded.shape != (*stored.size[::-1], channels):
        raise InputError(f"{path} has 16 bits per channel in a layout that OpenCV cannot read: convert it")
    order = [2, 1, 0, 3][:channels]  # BGR(A) => RGB(A)
    return np.ascontiguousarray(decoded[:, :, order], np.uint16)


def _add_lower_bits(stored: Image.Image, data: bytes, path: Path) -> Deep:
    # Not by OpenCV: its libpng prints on stderr what it thinks of a file.
    interlaced = int(bool(stored.info.get("interlace")))
    rows = _packed_rows(data, path)
    lower = Image.frombytes(stored.mode, stored.size, rows, "zip", f"{stored.mode};16L", interlaced)
    del rows
    pixels = np.empty((stored.height, stored.width, len(stored.mode)), np.uint16)
    for top in range(0, stored.height, _ROWS_AT_ONCE):  # whole arrays of both would take much memory
        strip = (0, top, stored.width, min(top + _ROWS_AT_ONCE, stored.height))
        high, low = (np.asarray(image.crop(strip), np.uint16) for image in (stored, lower))
        pixels[top : top + _ROWS_AT_ONCE] = high << 8 | low
    return pixels


def _packed_rows(data: bytes, path: Path) -> bytes:
    file = io.BytesIO(data)
    return b"".join(chunk.data(file) for chunk in png_chunks(file, path) if chunk.kind == b"IDAT")


def _require_plain(stored: Image.Image, path: Path) -> None:
    # OpenCV reads separate planes as if they were interleaved, and premultiplied colours as if they were plain.
    tags = getattr(stored, "tag_v2", {})
    reason = ""
    if tags.get(_PLANAR_CONFIGURATION) == 2:
        reason = "with its colour planes stored apart"
    elif 1 in tags.get(_EXTRA_SAMPLES, ()):
        reason = "with premultiplied transparency"
    elif "transparency" in stored.info:
        reason = "with one colour as transparent"
    if reason:
        raise InputError(
            f"{path} has 16 bits per channel {reason}; expected plain RGB or RGBA: convert it first"
        )


def _upright(pixels: Deep, orientation: int) -> Deep:
    if orientation in {5, 6, 7, 8}:
        pixels = pixels.swapaxes(0, 1)
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _write_png(pixels: Deep, options: dict[str, Any], file: io.BytesIO) -> None:
    # Pillow's file of one pixel has all the metadata: its IHDR and IDAT are replaced.
    height, width, channels = pixels.shape
    small = io.BytesIO()
    Image.new("RGB", (1, 1)).save(small, "PNG", **options)
    donor, place, written = small.getvalue(), _PNG_SIGNATURE_BYTES, False
    file.write(donor[:_PNG_SIGNATURE_BYTES])
    while place < len(donor):
        size = 12 + int.from_bytes(donor[place : place + 4])
        kind, chunk = donor[place + 4 : place + 8], donor[place : place + size]
        if kind == b"IHDR":
            header = struct.pack(">IIBBBBB", width, height, 16, _PNG_COLOURS[channels], 0, 0, 0)
            chunk = _chunk(kind, header)
        elif kind == b"IDAT":
            chunk = b"" if written else _chunk(kind, _png_rows(pixels))
            written = True
        file.write(chunk)
        place += size


def _png_rows(pixels: Deep) -> bytes:
    # Each row, big-endian, less the pixel to its left, byte by byte (PNG's filter 1, "Sub").
    channels = pixels.shape[2]
    squeeze = zlib.compressobj(6)
    squeezed = []
    for top in range(0, len(pixels), _ROWS_AT_ONCE):
        strip = pixels[top : top + _ROWS_AT_ONCE]
        samples = strip.astype(">u2").reshape(len(strip), -1).view(np.uint8)
        rows = np.ones((len(strip), 1 + samples.shape[1]), np.uint8)
        rows[:, 1:] = samples
        rows[:, 1 + 2 * channels :] -= samples[:, : -2 * channels]
        squeezed.append(squeeze.compress(rows.data))
    return b"".join([*squeezed, squeeze.flush()])


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _write_tiff(pixels: Deep, options: dict[str, Any], file: io.BytesIO) -> None:
    # To Pillow the image has twice the width in bytes; then the two tags that say so are corrected.
    height, width, channels = pixels.shape
    order = "<" if sys.byteorder == "little" else ">"
    doubled = np.ascontiguousarray(pixels, f"{order}u2").view(np.uint8).reshape(height, -1, channels)
    Image.fromarray(doubled).save(file, "TIFF", **options)
    with file.getbuffer() as data:
        _say_sixteen_bits(data, order, width, channels)


def _say_sixteen_bits(data: memoryview, order: str, width: int, channels: int) -> None:
    start = struct.unpack_from(f"{order}I", data, 4)[0]
    for entry in range(struct.unpack_from(f"{order}H", data, start)[0]):
        place = start + 2 + 12 * entry
        tag, kind = struct.unpack_from(f"{order}HH", data, place)
        if tag == _IMAGE_WIDTH:
            struct.pack_into(f"{order}{'H' if kind == 3 else 'I'}", data, place + 8, width)
        if tag == _BITS_PER_SAMPLE:
            offset = struct.unpack_from(f"{order}I", data, place + 8)[0]
            struct.pack_into(f"{order}{channels}H", data, offset, *[16] * channels)

"""A PNG whose data are cut short or damaged: what can be inflated is kept, and what is missing becomes black."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from splpaint.errors import InputError
from splpaint.images.containers import PNG_SIGNATURE, Chunk, png_chunks
from splpaint.images.decoding import MAX_PIXELS
from splpaint.images.mending.missing import Mended, name_rows

__all__ = ["mend_png"]

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_WHOLE = ((0, 0, 1, 1),)
_INTERLACED = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_LAST_FILTER = 4
_PIECE_BYTES = 4096


class _Pass(NamedTuple):
    """Rows, and the bytes of each: the number of its filter and its pixels."""

    rows: int
    row_bytes: int


def mend_png(data: bytes) -> Mended | None:
    """Fill a PNG up; None: its header or palette is damaged, too, or none of its data can be inflated."""
    file, chunks = io.BytesIO(data), []
    with contextlib.suppress(InputError):
        for chunk in png_chunks(file, "the PNG"):
            chunks.append(chunk)
    if not chunks or chunks[0].kind != b"IHDR" or chunks[0].size != 13:
        return None
    if any(chunk.critical and not chunk.sound and chunk.kind != b"IDAT" for chunk in chunks):
        return None
    width, height, bits, colours, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0].data(file))
    if not 0 < width * height <= MAX_PIXELS or colours not in _CHANNELS:
        return None
    passes = [*_passes(width, height, bits * _CHANNELS[colours], _INTERLACED if interlaced else _WHOLE)]
    size = sum(count * row_bytes for count, row_bytes in passes)
    rows = _up_to_a_wrong_filter(_inflated(_pixel_data(data, chunks), size), passes)
    if not rows:
        return None
    missing = (
        f"{1 - len(rows) / size:.0%} of its interlaced data are missing"
        if interlaced
        else name_rows([*range(len(rows) // passes[0].row_bytes, height)], height)
    )
    if wrong := sum(1 for chunk in chunks if chunk.kind == b"IDAT" and not chunk.sound):
        missing += f", and {wrong} of its parts with wrong checksums may be wrong"
    return Mended(_rebuilt(file, chunks, rows.ljust(size, b"\0")), missing)


def _passes(
    width: int, height: int, bits: int, layout: tuple[tuple[int, int, int, int], ...]
) -> Iterator[_Pass]:
    for left, top, across, down in layout:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            yield _Pass(rows, 1 + -(-columns * bits // 8))


def _up_to_a_wrong_filter(data: bytes, passes: list[_Pass]) -> bytes:
    place = 0
    for rows, row_bytes in passes:
        filters = np.frombuffer(data[place : place + rows * row_bytes : row_bytes], np.uint8)
        if wrong := np.flatnonzero(filters > _LAST_FILTER).tolist():
            return data[: place + wrong[0] * row_bytes]
        place += rows * row_bytes
    return data


def _pixel_data(data: bytes, chunks: list[Chunk]) -> bytes:
    parts = [
        data[chunk.start + 8 : chunk.start + 8 + chunk.size] for chunk in chunks if chunk.kind == b"IDAT"
    ]
    end = chunks[-1].start + 12 + chunks[-1].size
    if data[end + 4 : end + 8] == b"IDAT":  # cut short
        parts.append(data[end + 8 :])
    return b"".join(parts)


def _inflated(data: bytes, most: int) -> bytes:
    # Up to the first byte that is wrong.
    stream, inflated, have = zlib.decompressobj(), [], 0
    for place in range(0, len(data), _PIECE_BYTES):
        piece, before = data[place : place + _PIECE_BYTES], stream.copy()
        try:
            inflated.append(stream.decompress(piece, most - have))
        except zlib.error:
            inflated += _byte_by_byte(before, piece)
            break
        have += len(inflated[-1])
        if have == most or stream.eof:
            break
    return b"".join(inflated)[:most]


def _byte_by_byte(stream: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    with contextlib.suppress(zlib.error):
        for place in range(len(piece)):
            yield stream.decompress(piece[place : place + 1])


def _rebuilt(file: io.BytesIO, chunks: list[Chunk], rows: bytes) -> bytes:
    header, *others = (chunk for chunk in chunks if chunk.sound and chunk.kind not in {b"IDAT", b"IEND"})
    kept = [_written(chunk.kind, chunk.data(file)) for chunk in (header, *others)]
    pixels = _written(b"IDAT", zlib.compress(rows, 1))
    return b"".join([PNG_SIGNATURE, *kept, pixels, _written(b"IEND", b"")])


def _written(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

"""Items of a HEIF or AVIF (ISO/IEC 14496-12, sec. 8.11): pictures and metadata, by their kinds and places."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from splpaint.images.containers.box_structure import find_boxes

__all__ = ["item_kinds", "read_exif_item"]

_IN_FILE, _IN_META = 0, 1  # what places of items count from
_MOST_BYTES = 1 << 26


def item_kinds(file: BinaryIO) -> dict[int, bytes]:
    """The kinds of all items, four letters each, by their numbers."""
    kinds = {}
    for entry in find_boxes(file, b"meta", b"iinf", b"infe"):
        file.seek(entry.start)
        data = file.read(min(entry.end - entry.start, 16))
        wide = data[:1] == b"\3"  # the version, by which numbers have two bytes or four
        number, kind = (data[4:8], data[10:14]) if wide else (data[4:6], data[8:12])
        kinds[int.from_bytes(number)] = kind
    return kinds


def read_exif_item(file: BinaryIO) -> bytes:
    """The EXIF data as they are stored, without prefix; empty where there are none, or none can be found."""
    number = next((number for number, kind in item_kinds(file).items() if kind == b"Exif"), None)
    if number is None:
        return b""
    data = b"".join(_extents(file, number))
    return data[4 + int.from_bytes(data[:4]) :]


def _extents(file: BinaryIO, wanted: int) -> Iterator[bytes]:
    inside = next(find_boxes(file, b"meta", b"idat"), None)
    origins = {_IN_FILE: 0} | ({_IN_META: inside.start} if inside else {})
    for method, base, extents in _places(file, wanted):
        for offset, size in extents if method in origins else ():
            file.seek(origins[method] + base + offset)
            yield file.read(min(size, _MOST_BYTES))


def _places(file: BinaryIO, wanted: int) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    # From what the item's places count, from where there, and the place and size of each of its parts.
    for box in find_boxes(file, b"meta", b"iloc"):
        file.seek(box.start)
        table = io.BytesIO(file.read(min(box.end - box.start, _MOST_BYTES)))

        def number(size: int, table: io.BytesIO = table) -> int:
            return int.from_bytes(table.read(size))

        version, sizes = number(4) >> 24, number(2)
        offset_bytes, length_bytes, base_bytes, index_bytes = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
        wide = 4 if version == 2 else 2
        for _ in range(number(wide)):
            item = number(wide)
            method = number(2) & 15 if version else _IN_FILE
            _, base = number(2), number(base_bytes)
            extents = []
            for _ in range(min(number(2), 64)):
                number(index_bytes if version else 0)
                extents.append((number(offset_bytes), number(length_bytes)))
            if item == wanted:
                yield method, base, extents
            if table.tell() >= table.getbuffer().nbytes:
                break

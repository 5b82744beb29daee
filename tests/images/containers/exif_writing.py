"""EXIF data for tests, laid out and read by hand: tables, values, and pictures behind them."""

from __future__ import annotations

import struct

__all__ = ["Entry", "exif_data", "exif_values", "table"]

Entry = tuple[int, int, int, bytes]
"""Tag, type, number of values, and these as bytes."""


def table(entries: list[Entry], start: int, following: int = 0, order: str = "<") -> bytes:
    """A directory at ``start`` with the values behind it that do not fit into it."""
    behind = start + 2 + 12 * len(entries) + 4
    rows, values = b"", b""
    for tag, kind, count, value in entries:
        inside = value.ljust(4, b"\0")
        if len(value) > 4:
            inside = struct.pack(order + "I", behind + len(values))
            values += value + b"\0" * (len(value) % 2)
        rows += struct.pack(order + "HHI4s", tag, kind, count, inside)
    return struct.pack(order + "H", len(entries)) + rows + struct.pack(order + "I", following) + values


def exif_data(
    first: list[Entry], below: list[Entry], *, thumbnail: bytes = b"", order: str = "<", gap: bytes = b""
) -> bytes:
    """A first directory, an EXIF table below it, ``gap``, and a second directory with a JPEG if there is one."""

    def number(value: int) -> bytes:
        return struct.pack(order + "I", value)

    head = (b"II*\0" if order == "<" else b"MM\0*") + number(8)
    pointer: Entry = (0x8769, 4, 1, number(0))
    start_below = 8 + len(table([*first, pointer], 8, order=order))
    under = table(below, start_below, order=order) + gap
    start_second = start_below + len(under) if thumbnail else 0
    pointer = (0x8769, 4, 1, number(start_below))
    whole = head + table([*first, pointer], 8, start_second, order) + under
    if not thumbnail:
        return whole
    place = start_second + 2 + 12 * 2 + 4
    second: list[Entry] = [(0x0201, 4, 1, number(place)), (0x0202, 4, 1, number(len(thumbnail)))]
    return whole + table(second, start_second, order=order) + thumbnail


def exif_values(data: bytes) -> dict[int, bytes]:
    """The values of the first directory and the EXIF table below it, as bytes."""
    data = data.removeprefix(b"Exif\0\0")
    order = "<" if data.startswith(b"II") else ">"
    values: dict[int, bytes] = {}
    places = list(struct.unpack_from(order + "I", data, 4))
    for start in places:
        (count,) = struct.unpack_from(order + "H", data, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, number, place = struct.unpack_from(order + "HHII", data, entry)
            size = number * {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 129: 1}[kind]
            place = entry + 8 if size <= 4 else place
            values[tag] = data[place : place + size]
            if tag == 0x8769:
                places += struct.unpack(order + "I", values.pop(tag))
    return values

"""EXIF data (CIPA DC-008) of a picture that was painted and turned upright: only what is wrong now changes.

They are patched where they stand, since the notes of a camera's maker may hold places among them that nobody else
knows. Corrected is, where the picture was turned, what is told in its pixels. Left out are its orientation, and the
small pictures behind the first directory and in the notes, which show what the picture was.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import NamedTuple

from splpaint.images.containers.jpeg import embedded_jpegs
from splpaint.images.containers.tiff_fields import Directory, Field, TiffReader

__all__ = ["EXIF_PREFIX", "EXIF_TABLES", "FittedExif", "fitted_exif", "has_maker_note", "without_tag"]

EXIF_PREFIX = b"Exif\0\0"
EXIF_TABLES = {0x8769, 0x8825, 0xA005}
"""Tags whose value is the place of another table: EXIF, GPS, interoperability."""

_ORIENTATION, _MAKER_NOTE = 0x0112, 0x927C
_WIDTHS, _HEIGHTS = {0x0100, 0xA002, 0x1001}, {0x0101, 0xA003, 0x1002}
_PER_UNIT = (
    (0x011A, 0x011B),
    (0xA20E, 0xA20F),
)  # pixels per unit of length, across and down: printed, in the camera
_SUBJECTS = {0x9214, 0xA214}  # a point, circle or box in the picture as stored
_PICTURES = ((0x0201, 0x0202), (0x0111, 0x0117))  # where small pictures lie, and their bytes
_SHORT, _LONG, _MOST_SHORT = 3, 4, 65_535
_HEADER_BYTES, _ENTRY_BYTES, _LINK_BYTES = 8, 12, 4
_MOST_DIRECTORIES = 16
_TURNED, _MIRRORED_ACROSS, _MIRRORED_DOWN = (
    {5, 6, 7, 8},
    {2, 3, 6, 7},
    {3, 4, 7, 8},
)  # turned first, then mirrored


class FittedExif(NamedTuple):
    """EXIF data that fit the picture.

    Attributes:
        data: Without ``EXIF_PREFIX``; all places within are the same.
        had_thumbnail: Whether small pictures were left out.
    """

    data: bytes
    had_thumbnail: bool


def fitted_exif(data: bytes, size: tuple[int, int], orientation: int) -> FittedExif:
    """Make EXIF data fit a picture that was painted and turned upright.

    Args:
        data: With ``EXIF_PREFIX`` or without.
        size: Width and height in pixels, upright.
        orientation: By which it was turned, 1 (not at all) to 8.

    Raises:
        ValueError: Their first directory cannot be read.
    """
    return _Patch(data.removeprefix(EXIF_PREFIX), size, orientation).fitted()


def without_tag(data: bytes, tag: int) -> bytes:
    """Leave a tag out of the first directory of EXIF data without ``EXIF_PREFIX``; all places within stay the same."""
    reader = TiffReader(io.BytesIO(data))
    table = reader.directory(reader.first)
    entries = [reader.read(field.entry, _ENTRY_BYTES) for field in table.entries if field.tag != tag]
    count = struct.pack(reader.order + "H", len(entries))
    link = data[table.link : table.link + _LINK_BYTES]
    shorter = count + b"".join(entries) + link
    end = table.link + len(link)
    return data[: table.start] + shorter.ljust(end - table.start, b"\0") + data[end:]


def has_maker_note(data: bytes) -> bool:
    """Whether EXIF data without ``EXIF_PREFIX`` hold the notes of a camera's maker."""
    return any(_MAKER_NOTE in table.fields for table in _Patch(data, (0, 0), 1).kept)


class _Patch:
    def __init__(self, data: bytes, size: tuple[int, int], orientation: int) -> None:
        self._before, self._data = data, bytearray(data)
        self._reader = TiffReader(io.BytesIO(data))
        if self._reader.big:
            raise ValueError("they have the header of a BigTIFF")
        self._size, self._orientation = size, orientation
        self._first = self._reader.directory(self._reader.first)
        self.kept = list(self._tables())

    def fitted(self) -> FittedExif:
        had_thumbnail = self._blank_pictures() | self._blank_previews()
        for table in self.kept:
            for field in table.entries:
                self._correct(field)
            if self._orientation in _TURNED:
                self._swap_resolutions(table)
        data, fields = bytes(self._data), self._first.fields
        wrong = {tag for pair in _PICTURES for tag in pair} & fields.keys()
        if _ORIENTATION in fields and self._numbers(fields[_ORIENTATION]) != (1,):
            wrong.add(_ORIENTATION)
        for tag in wrong:
            data = without_tag(data, tag)
        return FittedExif(data, had_thumbnail)

    def _tables(self) -> Iterator[Directory]:
        waiting, seen = [self._first], {self._first.start}
        while waiting:
            yield (table := waiting.pop())
            for field in table.entries:
                place = self._numbers(field)[:1] if field.tag in EXIF_TABLES else ()
                waiting += [
                    below for below in map(self._directory, place) if below and below.start not in seen
                ]
                seen |= set(place)

    def _blank_pictures(self) -> bool:
        data, before = self._data, self._before
        blanked = list(self._ranges_of_pictures())
        for start, end in blanked:
            data[start:end] = bytes(len(data[start:end]))
        for start, end in self._ranges_kept() if blanked else ():  # may overlap them, by chance or malice
            data[start:end] = before[start:end]
        link, end = self._first.link, self._first.link + _LINK_BYTES
        data[link:end] = bytes(len(data[link:end]))
        self._cut_blank_end(blanked)
        return bool(blanked)

    def _blank_previews(self) -> bool:
        # Whole pictures among a maker's notes.
        previews = list(embedded_jpegs(bytes(self._data)))
        tables = [(start, end, self._data[start:end]) for start, end in self._ranges_of_tables()]
        for start, end in previews:
            self._data[start:end] = bytes(end - start)
        for start, end, table in tables if previews else ():
            self._data[start:end] = table
        return bool(previews)

    def _cut_blank_end(self, blanked: list[tuple[int, int]]) -> None:
        blank = len(self._data)
        for start, end in sorted(blanked, key=lambda pair: pair[1], reverse=True):
            if end < blank - 1:  # a byte between them only fills up
                break
            blank = min(blank, start)
        del self._data[max(blank, *(end for _, end in self._ranges_kept())) :]

    def _ranges_of_pictures(self) -> Iterator[tuple[int, int]]:
        yield from self._pictures_of(self._first)
        seen, place = {0, self._first.start}, self._first.next
        while place not in seen and len(seen) < _MOST_DIRECTORIES and (table := self._directory(place)):
            yield from self._ranges_of(table)
            yield from self._pictures_of(table)
            seen.add(place)
            place = table.next

    def _ranges_kept(self) -> Iterator[tuple[int, int]]:
        yield 0, _HEADER_BYTES
        for table in self.kept:
            yield from self._ranges_of(table)

    def _ranges_of_tables(self) -> Iterator[tuple[int, int]]:
        yield 0, _HEADER_BYTES
        yield from ((table.start, table.link + _LINK_BYTES) for table in self.kept)

    def _ranges_of(self, table: Directory) -> Iterator[tuple[int, int]]:
        yield table.start, table.link + _LINK_BYTES
        for field in table.entries:
            yield field.place, field.place + field.size

    def _pictures_of(self, table: Directory) -> Iterator[tuple[int, int]]:
        for place, size in _PICTURES:
            if {place, size} <= table.fields.keys():
                places, sizes = (self._numbers(table.fields[tag]) for tag in (place, size))
                yield from ((start, start + length) for start, length in zip(places, sizes, strict=False))

    def _correct(self, field: Field) -> None:
        if field.tag in _WIDTHS and self._orientation in _TURNED:
            self._set(field, self._size[0])
        elif field.tag in _HEIGHTS and self._orientation in _TURNED:
            self._set(field, self._size[1])
        elif (
            field.tag in _SUBJECTS
            and field.kind == _SHORT
            and (numbers := self._turned(self._numbers(field)))
        ):
            struct.pack_into(f"{self._reader.order}{len(numbers)}H", self._data, field.place, *numbers)

    def _stands_apart(self, field: Field) -> bool:
        # What claims to be a value may be a table, by malice.
        end = field.place + field.size
        others = any(start < end and field.place < stop for start, stop in self._ranges_of_tables())
        return end <= len(self._data) and (
            field.place == field.entry + _ENTRY_BYTES - _LINK_BYTES or not others
        )

    def _set(self, field: Field, value: int) -> None:
        if self._numbers(field) != (value,):
            kind = _SHORT if value <= _MOST_SHORT and field.kind != _LONG else _LONG
            number = struct.pack(self._reader.order + "HI"[kind == _LONG], value).ljust(4, b"\0")
            struct.pack_into(f"{self._reader.order}HI4s", self._data, field.entry + 2, kind, 1, number)

    def _turned(self, numbers: tuple[int, ...]) -> tuple[int, ...]:
        # x and y of its middle, then a diameter, or width and height
        middle, extent = numbers[:2], numbers[2:]
        if len(middle) < 2:
            return numbers
        if self._orientation in _TURNED:
            middle, extent = middle[::-1], extent[::-1]
        mirrored = (self._orientation in _MIRRORED_ACROSS, self._orientation in _MIRRORED_DOWN)
        x, y = (
            min(max(side - 1 - at, 0), _MOST_SHORT) if mirror else at
            for at, side, mirror in zip(middle, self._size, mirrored, strict=True)
        )
        return x, y, *extent

    def _swap_resolutions(self, table: Directory) -> None:
        for across, down in _PER_UNIT:
            if {across, down} <= table.fields.keys():
                one, other = (table.fields[tag].entry + 2 for tag in (across, down))
                size = _ENTRY_BYTES - 2
                self._data[one : one + size], self._data[other : other + size] = (
                    self._data[other : other + size],
                    self._data[one : one + size],
                )

    def _numbers(self, field: Field) -> tuple[int, ...]:
        try:
            return self._reader.numbers(field)
        except ValueError:
            return ()

    def _directory(self, start: int) -> Directory | None:
        try:
            return self._reader.directory(start)
        except ValueError:
            return None

"""The fields of a TIFF's directories (TIFF 6.0, sec. 2; BigTIFF), in a file or in EXIF data, which have its form.

A directory is a table of entries; an entry's values lie in the entry itself where it has room, else elsewhere.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

__all__ = ["SIZES", "Directory", "Field", "TiffReader", "is_tiff"]

_MAGIC = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}
_WHOLE_NUMBERS = {
    1: "B",
    2: "B",
    3: "H",
    4: "I",
    6: "b",
    7: "B",
    8: "h",
    9: "i",
    13: "I",
    16: "Q",
    17: "q",
    18: "Q",
}

_BIG_SIZES = {16: 8, 17: 8, 18: 8}
_UTF8 = 129  # of EXIF 3.0
SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    _UTF8: 1,
} | _BIG_SIZES
"""Bytes of one value, by the number of its type."""


@dataclass(frozen=True, slots=True)
class Field:
    """An entry of a directory.

    Attributes:
        tag: What it says.
        kind: The type of its values, by number.
        count: How many there are.
        entry: Where the entry stands.
        place: Where its values stand.
    """

    tag: int
    kind: int
    count: int
    entry: int
    place: int

    @property
    def size(self) -> int:
        """Bytes of its values; 0 where their type is not known."""
        return self.count * SIZES.get(self.kind, 0)


class Directory(NamedTuple):
    """A table of fields.

    Attributes:
        entries: Its fields.
        start: Where the table begins.
        link: Where the place of the next directory stands, behind the entries.
        next: Where the next directory begins; 0: there is none.
    """

    entries: tuple[Field, ...]
    start: int
    link: int
    next: int

    @property
    def fields(self) -> dict[int, Field]:
        """The fields by their tags; of several with one tag the last."""
        return {field.tag: field for field in self.entries}


class TiffReader:
    """Reads directories and values, and takes nothing on trust.

    Args:
        file: Any position.

    Attributes:
        size: Of the file in bytes.
        order: ``<`` or ``>``, as ``struct`` has it.
        big: Whether it is a BigTIFF, with wider entries and places.
        first: Where the first directory begins.

    Raises:
        ValueError: The header is another one or cut short. The methods raise it where something is outside the file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, io.SEEK_END)
        head = self.read(0, 4)
        if head not in _MAGIC:
            raise ValueError("they have no header")
        self.big = b"+" in head
        self.order = _MAGIC[head]
        self._place = self.order + ("Q" if self.big else "I")
        self.first = self._number(self._place, 8 if self.big else 4)

    def directory(self, start: int) -> Directory:
        """Read a table of which every entry is there; values may lie outside the file all the same."""
        counter, entry = ("Q", "HHQ8s") if self.big else ("H", "HHI4s")
        table = start + struct.calcsize(self.order + counter)
        entry_size = struct.calcsize(self.order + entry)
        link = table + self._number(self.order + counter, start) * entry_size
        fields, at = [], table
        for tag, kind, count, inside in struct.iter_unpack(
            self.order + entry, self.read(table, link - table)
        ):
            place = at + entry_size - len(inside)
            if count * SIZES.get(kind, 0) > len(inside):
                (place,) = struct.unpack(self._place, inside)
            fields.append(Field(tag, kind, count, at, place))
            at += entry_size
        there = link + struct.calcsize(self._place) <= self.size  # some leave it out in the last table
        return Directory(tuple(fields), start, link, self._number(self._place, link) if there else 0)

    def value(self, field: Field) -> bytes:
        """The values of a field, in the file's byte order."""
        return self.read(field.place, field.size)

    def numbers(self, field: Field) -> tuple[int, ...]:
        """The values of a field; none where they are no whole numbers."""
        kind = _WHOLE_NUMBERS.get(field.kind)
        return struct.unpack(f"{self.order}{field.count}{kind}", self.value(field)) if kind else ()

    def read(self, start: int, size: int) -> bytes:
        """Bytes of the file."""
        if start + size > self.size:
            raise ValueError(f"{size} bytes are named at byte {start} where the file has {self.size}")
        self._file.seek(start)
        return self._file.read(size)

    def _number(self, format: str, start: int) -> int:
        return int(struct.unpack(format, self.read(start, struct.calcsize(format)))[0])


def is_tiff(head: bytes) -> bool:
    """Whether a file that begins so is a TIFF."""
    return head[:4] in _MAGIC

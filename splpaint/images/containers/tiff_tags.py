"""A TIFF's tags as EXIF data, and EXIF data as a TIFF's tags: rewritten, since in every file they lie elsewhere.

All stay but those that say how the pixels are stored, and those that hold what the picture was.
"""

from __future__ import annotations

import io
import struct
from typing import BinaryIO, NamedTuple

import numpy as np

from splpaint.images.containers.exif import EXIF_TABLES
from splpaint.images.containers.tiff_fields import SIZES, Directory, Field, TiffReader
from splpaint.notices import tell

__all__ = ["IPTC_TAG", "XMP_TAG", "TiffTags", "add_tags", "read_tags"]

XMP_TAG, IPTC_TAG = 700, 33723

_ORIENTATION, _PROFILE = 274, 34675
_LAYOUT = {
    *(
        254,
        255,
        256,
        257,
        258,
        259,
        262,
        263,
        264,
        265,
        266,
        273,
        277,
        278,
        279,
        280,
        281,
        284,
        288,
        289,
        290,
        291,
    ),
    *(
        292,
        293,
        317,
        320,
        322,
        323,
        324,
        325,
        326,
        327,
        328,
        332,
        333,
        334,
        336,
        338,
        339,
        340,
        341,
        342,
        347,
        512,
    ),
    *(513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 559, 32995, 32996, 32997, 32998, 50674),
}
_KEPT_APART = {_ORIENTATION, XMP_TAG, IPTC_TAG, _PROFILE}
_OF_BEFORE = {
    330: "other pictures in it",
    34377: "Photoshop's resources",
    37724: "Photoshop's layers",
    50784: "layers",
}
_ON_THE_MAP = {33550, 33922, 34264}  # of GeoTIFF: where on earth the pixels lie
_BYTE, _SHORT, _LONG, _SIGNED = 1, 3, 4, 9
_NARROW = {16: 4, 17: 9, 18: 13}  # types of BigTIFF alone, and a TIFF's
_FRACTIONS = {5, 10}  # two numbers each
_MOST_DEPTH = 3


class _Value(NamedTuple):
    """What a tag says: its type, and its values as they are written, or the tags of a table below."""

    kind: int
    data: bytes | _Tags


_Tags = dict[int, _Value]


class TiffTags(NamedTuple):
    """What a TIFF says of its picture.

    Attributes:
        exif: As EXIF data; empty: nothing.
        orientation: How it has to be turned, 1 to 8.
        iptc: Captions; empty: none.
    """

    exif: bytes
    orientation: int
    iptc: bytes


def read_tags(file: BinaryIO) -> TiffTags:
    """Read what a TIFF says of its first picture; a ``PictureWarning`` tells of what is left out.

    Args:
        file: Any position.

    Raises:
        ValueError: The directory cannot be read.
    """
    reader = TiffReader(file)
    first = reader.directory(reader.first)
    tags = _read_table(reader, first, reader.order)
    turned, iptc = _orientation(tags, reader.order), tags.get(IPTC_TAG)
    gone = {tag: kind for tag, kind in _OF_BEFORE.items() if tag in first.fields}
    if turned != 1:
        gone |= dict.fromkeys(_ON_THE_MAP & first.fields.keys(), "where on earth it lies, since it is turned")
    if gone:
        tell(f"left out of the TIFF's tags: {', '.join(sorted(set(gone.values())))}")
    kept = {tag: value for tag, value in tags.items() if tag not in _LAYOUT | _KEPT_APART | gone.keys()}
    head = b"II*\0" if reader.order == "<" else b"MM\0*"
    exif = head + struct.pack(reader.order + "I", 8) + _packed(kept, reader.order, 8) if kept else b""
    return TiffTags(exif, turned, iptc.data if iptc and isinstance(iptc.data, bytes) else b"")


def add_tags(file: BinaryIO, exif: bytes, others: dict[int, bytes]) -> None:
    """Add to what a TIFF says of its picture; its own tags stay where they say how the pixels are stored.

    Args:
        file: A TIFF with one directory, for reading and writing; any position.
        exif: EXIF data without prefix, from ``fitted_exif``, or nothing.
        others: Bytes of other tags.
    """
    reader = TiffReader(file)
    table = reader.directory(reader.first)
    tags = _read_table(reader, table, reader.order)
    if exif:
        source = TiffReader(io.BytesIO(exif))
        added = _read_table(source, source.directory(source.first), reader.order)
        tags |= {tag: value for tag, value in added.items() if tag not in _LAYOUT | _KEPT_APART}
    tags |= {tag: _Value(_BYTE, data) for tag, data in others.items()}
    file.seek(table.start)
    file.write(bytes(table.link + 4 - table.start))
    start = reader.size + reader.size % 2
    file.seek(start)
    file.write(_packed(tags, reader.order, start))
    file.seek(4)
    file.write(struct.pack(reader.order + "I", start))


def _orientation(tags: _Tags, order: str) -> int:
    kind, data = tags.get(_ORIENTATION, _Value(_BYTE, b"\1"))
    if kind not in {_BYTE, _SHORT, _LONG} or not isinstance(data, bytes):
        return 1
    return int.from_bytes(data[: SIZES[kind]], "little" if order == "<" else "big")


def _read_table(reader: TiffReader, table: Directory, order: str, depth: int = 0) -> _Tags:
    tags, lost = {}, []
    for tag, field in table.fields.items():
        try:
            tags[tag] = _read_value(reader, field, order, depth)
        except (ValueError, struct.error):
            lost.append(str(tag))
    if lost:
        tell(f"left out of the tags, since their values cannot be read: {', '.join(lost)}")
    return tags


def _read_value(reader: TiffReader, field: Field, order: str, depth: int) -> _Value:
    if field.tag in EXIF_TABLES and depth < _MOST_DEPTH:
        (start,) = reader.numbers(field)
        return _Value(_LONG, _read_table(reader, reader.directory(start), order, depth + 1))
    if field.size == 0:
        raise ValueError(f"{field.count} values of the type {field.kind}")
    if field.kind in _NARROW:
        kind = _NARROW[field.kind]
        numbers = reader.numbers(field)
        return _Value(kind, struct.pack(f"{order}{len(numbers)}{'i' if kind == _SIGNED else 'I'}", *numbers))
    data, width = reader.value(field), SIZES[field.kind] // (2 if field.kind in _FRACTIONS else 1)
    if order != reader.order:
        data = np.frombuffer(data, np.uint8).reshape(-1, width)[:, ::-1].tobytes()
    return _Value(field.kind, data)


def _packed(tags: _Tags, order: str, start: int) -> bytes:
    # A table, to stand at an even place, and behind it what has no room in its entries.
    behind = start + 2 + 12 * len(tags) + 4
    entries, values = [], []
    for tag, (kind, data) in sorted(tags.items()):
        count = 1
        if isinstance(data, dict):
            inside, data = struct.pack(order + "I", behind), _packed(data, order, behind)
        else:
            count = len(data) // SIZES[kind]
            inside, data = (
                (data.ljust(4, b"\0"), b"") if len(data) <= 4 else (struct.pack(order + "I", behind), data)
            )
        entries.append(struct.pack(order + "HHI4s", tag, kind, count, inside))
        values.append(data + b"\0" * (len(data) % 2))
        behind += len(values[-1])
    return b"".join([struct.pack(order + "H", len(tags)), *entries, bytes(4), *values])

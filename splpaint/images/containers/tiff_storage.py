"""How a TIFF says that its pixels are stored: in strips of rows or in tiles, each with its place and its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import BinaryIO, NamedTuple

from splpaint.images.containers.tiff_fields import TiffReader

__all__ = ["LAYOUT_TAGS", "TiffLayout", "TiffNumbers", "tiff_layout", "tiff_numbers"]

_MOST_VALUES = 1 << 22  # strips or tiles: of a hundred megapixels one for each 24 pixels
_WIDTH, _HEIGHT, _BITS, _COMPRESSION = 256, 257, 258, 259
_STRIP_OFFSETS, _SAMPLES, _ROWS_PER_STRIP, _STRIP_COUNTS, _PLANAR = 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS, _SUBSAMPLING = 322, 323, 324, 325, 530
_UNCOMPRESSED = 1

LAYOUT_TAGS = {
    *(
        _WIDTH,
        _HEIGHT,
        _BITS,
        _COMPRESSION,
        _STRIP_OFFSETS,
        _SAMPLES,
        _ROWS_PER_STRIP,
        _STRIP_COUNTS,
        _PLANAR,
    ),
    *(_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS, _SUBSAMPLING),
}
"""Tags that say how pixels are stored."""


class TiffNumbers(NamedTuple):
    """Tags of the first picture.

    Attributes:
        values: By their tags; of those that are whole numbers.
        file_bytes: The file's size.
        rare: Whether the file's form is one that few can read.
    """

    values: Mapping[int, tuple[int, ...]]
    file_bytes: int
    rare: bool

    def one(self, tag: int, default: int = 0) -> int:
        """A tag's first number."""
        return self.values.get(tag, (default,))[0]


class TiffLayout(NamedTuple):
    """Strips or tiles.

    Attributes:
        tiled: Whether they are tiles.
        offsets: Where each begins.
        sizes: Bytes of each as stored; where the file does not say, none.
        parts: How many there must be.
        parts_per_plane: How many of them are of one colour plane.
        rows: Of each, but of the last strip of a plane.
        height: Of the picture.
        row_bytes: Of one row within a part, unless it is compressed; 0: that cannot be said.
        codec: How they are compressed, by its number; 1: not at all.
        tile_pixels: Of a tile; 0: they are strips.
    """

    tiled: bool
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]
    parts: int
    parts_per_plane: int
    rows: int
    height: int
    row_bytes: int
    codec: int
    tile_pixels: int

    def rows_of(self, part: int) -> range:
        """The rows of the picture that are in a strip; of a tile its own, from 0."""
        if self.tiled:
            return range(self.rows)
        top = part % self.parts_per_plane * self.rows
        return range(top, min(top + self.rows, self.height))

    def bytes_of(self, part: int) -> int:
        """Bytes of a part that is not compressed, at least."""
        return self.row_bytes * len(self.rows_of(part))

    def bytes_there(self, part: int, file_bytes: int) -> int:
        """How many bytes of a part the file holds."""
        if part >= len(self.offsets):
            return 0
        size = self.sizes[part] if part < len(self.sizes) else self.bytes_of(part)
        return max(0, min(size, file_bytes - self.offsets[part]))

    def is_whole(self, part: int, file_bytes: int) -> bool:
        """Whether a part is all there, as far as its size tells."""
        there = self.bytes_there(part, file_bytes)
        named = self.sizes[part] if part < len(self.sizes) else 0
        return (
            part < len(self.offsets)
            and there >= named
            and (self.codec != _UNCOMPRESSED or there >= self.bytes_of(part))
        )


def tiff_numbers(file: BinaryIO, tags: Set[int]) -> TiffNumbers:
    """Read tags that are whole numbers.

    Args:
        file: Any position.
        tags: Which; the others may be anything.

    Raises:
        ValueError: They are not all inside the file, or have millions of values.
    """
    reader = TiffReader(file)
    values = {}
    for tag, field in reader.directory(reader.first).fields.items():
        if tag not in tags:
            continue
        if field.count > _MOST_VALUES:
            raise ValueError(f"tag {tag} says that it has {field.count} values")
        if numbers := reader.numbers(field):
            values[tag] = numbers
    return TiffNumbers(values, reader.size, reader.big and reader.order == ">")


def tiff_layout(tags: TiffNumbers) -> TiffLayout:
    """Say how the pixels are stored.

    Args:
        tags: Of ``LAYOUT_TAGS``, those that are there.
    """
    width, height, samples = tags.one(_WIDTH), tags.one(_HEIGHT), tags.one(_SAMPLES, 1)
    tiled = _TILE_OFFSETS in tags.values
    planes = samples if tags.one(_PLANAR, 1) == 2 else 1
    wide = max(1, tags.one(_TILE_WIDTH, width)) if tiled else width
    tall = tags.one(_TILE_HEIGHT, height) if tiled else min(tags.one(_ROWS_PER_STRIP, height), height)
    tall = max(1, tall)
    per_plane = -(-height // tall) * (-(-width // wide) if tiled else 1)
    bits = tags.values.get(_BITS, (1,))
    pixel_bits = (
        bits[0] * (samples if planes == 1 else 1) if len(bits) < samples else sum(bits[: samples // planes])
    )
    return TiffLayout(
        tiled=tiled,
        offsets=tags.values.get(_TILE_OFFSETS if tiled else _STRIP_OFFSETS, ()),
        sizes=tags.values.get(_TILE_COUNTS if tiled else _STRIP_COUNTS, ()),
        parts=per_plane * planes,
        parts_per_plane=per_plane,
        rows=tall,
        height=height,
        row_bytes=0 if _SUBSAMPLING in tags.values else -(-wide * pixel_bits // 8),
        codec=tags.one(_COMPRESSION, _UNCOMPRESSED),
        tile_pixels=wide * tall if tiled else 0,
    )

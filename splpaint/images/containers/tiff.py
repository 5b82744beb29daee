"""The structure of a TIFF (TIFF 6.0; BigTIFF): what its tags say of the pixels, held against the file.

Decoders take much on trust: they fill rows that are not there with black or with other bytes of the file, and read
the thumbnail that a raw photograph begins with. So the tags are read and checked before a decoder sees the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from splpaint.errors import InputError
from splpaint.images.containers.tiff_fields import TiffReader

__all__ = ["require_sound_tiff"]

_MOST_VALUES = 1 << 22  # strips or tiles: of a hundred megapixels one for each 24 pixels

_SUBFILE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 254, 256, 257, 258, 259, 262
_STRIP_OFFSETS, _SAMPLES, _ROWS_PER_STRIP, _STRIP_COUNTS, _PLANAR = 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS = 322, 323, 324, 325
_EXTRA_SAMPLES, _SAMPLE_FORMAT, _SUBSAMPLING, _DNG_VERSION = 338, 339, 530, 50706
_WANTED = {
    *(
        _SUBFILE,
        _WIDTH,
        _HEIGHT,
        _BITS,
        _COMPRESSION,
        _PHOTOMETRIC,
        _STRIP_OFFSETS,
        _SAMPLES,
        _ROWS_PER_STRIP,
    ),
    *(_STRIP_COUNTS, _PLANAR, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS, _EXTRA_SAMPLES),
    *(_SAMPLE_FORMAT, _SUBSAMPLING, _DNG_VERSION),
}
_UNSPECIFIED, _ALPHA = 0, 2  # of extra samples
_REDUCED = 1  # of a subfile: a smaller version of another picture
_SENSOR = {32803, 34892}  # photometric: colour filter array, linear raw
_COLOUR_CHANNELS = {0: 1, 1: 1, 2: 3, 3: 1, 4: 1, 5: 4, 6: 3, 8: 3, 9: 3, 10: 3}
_UNCOMPRESSED = 1
_CODECS = {
    **dict.fromkeys((33003, 33004, 33005, 34712), "JPEG 2000"),
    **dict.fromkeys((50002, 52546), "JPEG XL"),
    **dict.fromkeys((34887,), "LERC"),
}


class _Tags(NamedTuple):
    """The tags of the first picture that matter, the file's size, and whether its form is one that few can read."""

    values: Mapping[int, tuple[int, ...]]
    file_bytes: int
    rare: bool

    def one(self, tag: int, default: int = 0) -> int:
        return self.values.get(tag, (default,))[0]


def require_sound_tiff(file: BinaryIO, path: str | Path) -> None:
    """Refuse a TIFF whose tags and content do not go together, or whose first picture is not the photograph.

    Args:
        file: Any position; it is left anywhere.
        path: Its name, for messages.

    Raises:
        InputError: It is a raw photograph, its first picture is a reduced one, rows are missing, something lies outside
            the file, a channel means nothing that is known, or the pixels are of a kind that cannot be read.
    """
    try:
        tags = _read_tags(file)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{path} is damaged or cut short ({error}); get an undamaged copy of it") from error
    _require_photograph(tags, path)
    _require_readable_kind(tags, path)
    _require_whole(tags, path)


def _read_tags(file: BinaryIO) -> _Tags:
    reader = TiffReader(file)
    values = {}
    for tag, field in reader.directory(reader.first).fields.items():
        if tag not in _WANTED:
            continue
        if field.count > _MOST_VALUES:
            raise ValueError(f"tag {tag} says that it has {field.count} values")
        if numbers := reader.numbers(field):
            values[tag] = numbers
    return _Tags(values, reader.size, reader.big and reader.order == ">")


def _require_photograph(tags: _Tags, path: str | Path) -> None:
    if _DNG_VERSION in tags.values or tags.one(_PHOTOMETRIC) in _SENSOR:
        raise InputError(
            f"{path} is a raw photograph (DNG), of which only a preview can be read; develop it to a 16-bit TIFF first"
        )
    if tags.one(_SUBFILE) & _REDUCED:
        raise InputError(
            f"{path} begins with a reduced picture, as raw photographs and some scanners' files do; develop it to a "
            "16-bit TIFF, or save its full picture as a TIFF of its own, first"
        )


def _require_readable_kind(tags: _Tags, path: str | Path) -> None:
    bits, codec = max(tags.values.get(_BITS, (1,))), _CODECS.get(tags.one(_COMPRESSION, _UNCOMPRESSED))
    channels = tags.one(_SAMPLES, 1)
    colours = _COLOUR_CHANNELS.get(tags.one(_PHOTOMETRIC, 1), channels)
    # OpenCV writes RGBA of 16 bits without saying so, and reads it as that.
    unsaid = _ALPHA if bits == 16 and channels == 4 else _UNSPECIFIED
    extra = tags.values.get(_EXTRA_SAMPLES, (unsaid,))
    if tags.rare:
        kind, way = "the form of a big-endian BigTIFF", "save it as a plain TIFF or PNG"
    elif codec:
        kind, way = f"{codec} inside a TIFF", "save it as a plain TIFF or PNG"
    elif tags.one(_SAMPLE_FORMAT, 1) == 3:
        kind, way = f"{bits}-bit floating point numbers", "convert it to 8 or 16 bits"
    elif bits == 16 and colours == 1 and channels > 1:
        kind, way = "grey with alpha at 16 bits", "convert it to RGBA, or to grey without alpha"
    elif channels > colours and extra[0] == _UNSPECIFIED:
        kind, way = (
            f"{channels - colours} channel besides its colours, whose meaning it does not say",
            "say in it that this is alpha, or leave it out",
        )
    else:
        return
    raise InputError(f"{path} has {kind}; expected 8 or 16 bits of grey, RGB or RGBA: {way}")


def _require_whole(tags: _Tags, path: str | Path) -> None:
    width, height = tags.one(_WIDTH), tags.one(_HEIGHT)
    tiled = _TILE_OFFSETS in tags.values
    offsets = tags.values.get(_TILE_OFFSETS if tiled else _STRIP_OFFSETS, ())
    sizes = tags.values.get(_TILE_COUNTS if tiled else _STRIP_COUNTS, ())
    planes = tags.one(_SAMPLES, 1) if tags.one(_PLANAR, 1) == 2 else 1
    if tiled:
        wide, tall = max(1, tags.one(_TILE_WIDTH, width)), max(1, tags.one(_TILE_HEIGHT, height))
        wanted = -(-width // wide) * -(-height // tall) * planes
    else:
        wide, tall = width, max(1, min(tags.one(_ROWS_PER_STRIP, height), height))
        wanted = -(-height // tall) * planes
    parts = "tiles" if tiled else "strips"
    if len(offsets) < wanted or len(sizes) not in {0, len(offsets)}:
        raise _cut(path, f"{len(offsets)} of {wanted} {parts} are there")
    if any(at + size > tags.file_bytes for at, size in zip(offsets, sizes, strict=False)):
        raise _cut(path, f"{parts} lie beyond its end")
    if tags.one(_COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED and sizes and _SUBSAMPLING not in tags.values:
        bits = sum(tags.values.get(_BITS, (1,))) if planes == 1 else tags.one(_BITS, 1)
        row = -(-wide * bits // 8)
        rows = height * planes if not tiled else tall * wanted
        if sum(sizes[:wanted]) < row * rows:
            raise _cut(path, f"{sum(sizes[:wanted])} of {row * rows} bytes of pixels are there")


def _cut(path: str | Path, reason: str) -> InputError:
    return InputError(f"{path} is damaged or cut short ({reason}); get an undamaged copy of it")

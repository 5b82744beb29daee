"""The structure of a TIFF (TIFF 6.0; BigTIFF): what its tags say of the pixels, held against the file.

Decoders take much on trust: they fill rows that are not there with black or with other bytes of the file, and read
the thumbnail that a raw photograph begins with. So the tags are read and checked before a decoder sees the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from splpaint.errors import DamagedError, InputError
from splpaint.images.containers.tiff_storage import LAYOUT_TAGS, TiffNumbers, tiff_layout, tiff_numbers

__all__ = ["require_sound_tiff"]

_SUBFILE, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES = 254, 258, 259, 262, 277
_INK_SET, _EXTRA_SAMPLES, _SAMPLE_FORMAT, _DNG_VERSION = 332, 338, 339, 50706
_WANTED = LAYOUT_TAGS | {_SUBFILE, _PHOTOMETRIC, _INK_SET, _EXTRA_SAMPLES, _SAMPLE_FORMAT, _DNG_VERSION}
_UNSPECIFIED, _ALPHA = 0, 2  # of extra samples
_REDUCED = 1  # of a subfile: a smaller version of another picture
_SENSOR = {32803, 34892}  # photometric: colour filter array, linear raw
_COLOUR_CHANNELS = {0: 1, 1: 1, 2: 3, 3: 1, 4: 1, 5: 4, 6: 3, 8: 3, 9: 3, 10: 3}
_NUMBERS = {2: "signed numbers", 3: "floating point numbers", 5: "complex numbers", 6: "complex numbers"}
_SEPARATED, _LAB = 5, {9, 10}  # 8: Pillow's mode LAB
_UNCOMPRESSED = 1
_WIDTH = 256
_MOST_TILE_PIXELS = 1 << 24  # of a tile that is larger than its picture: decoders make room for a whole one
_CODECS = {
    **dict.fromkeys((33003, 33004, 33005, 34712), "JPEG 2000"),
    **dict.fromkeys((50002, 52546), "JPEG XL"),
    **dict.fromkeys((34887,), "LERC"),
}


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
        tags = tiff_numbers(file, _WANTED)
    except (ValueError, OverflowError) as error:
        raise _cut(path, str(error)) from error
    _require_photograph(tags, path)
    _require_readable_kind(tags, path)
    _require_whole(tags, path)


def _require_photograph(tags: TiffNumbers, path: str | Path) -> None:
    if _DNG_VERSION in tags.values or tags.one(_PHOTOMETRIC) in _SENSOR:
        raise InputError(
            f"{path} is a raw photograph (DNG), of which only a preview can be read; develop it to a 16-bit TIFF first"
        )
    if tags.one(_SUBFILE) & _REDUCED:
        raise InputError(
            f"{path} begins with a reduced picture, as raw photographs and some scanners' files do; develop it to a "
            "16-bit TIFF, or save its full picture as a TIFF of its own, first"
        )


def _require_readable_kind(tags: TiffNumbers, path: str | Path) -> None:
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
    elif numbers := {_NUMBERS[each] for each in tags.values.get(_SAMPLE_FORMAT, ()) if each in _NUMBERS}:
        kind, way = f"{bits}-bit {', '.join(sorted(numbers))}", "convert it to 8 or 16 bits without signs"
    elif tags.one(_PHOTOMETRIC, 1) in _LAB:
        kind, way = "the colours of CIE L*a*b*", "convert it"
    elif tags.one(_PHOTOMETRIC, 1) == _SEPARATED and tags.one(_INK_SET, 1) != 1:
        kind, way = "inks that are not CMYK", "convert it"
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


def _require_whole(tags: TiffNumbers, path: str | Path) -> None:
    layout = tiff_layout(tags)
    kind = "tiles" if layout.tiled else "strips"
    if layout.tile_pixels > max(_MOST_TILE_PIXELS, tags.one(_WIDTH) * layout.height):
        raise InputError(f"{path} is damaged (its tiles are larger than it is); get an undamaged copy of it")
    if len(layout.offsets) < layout.parts or len(layout.sizes) not in {0, len(layout.offsets)}:
        raise _cut(path, f"{len(layout.offsets)} of {layout.parts} {kind} are there")
    if cut := sum(not layout.is_whole(part, tags.file_bytes) for part in range(layout.parts)):
        raise _cut(path, f"{cut} of {layout.parts} {kind} are not all there")


def _cut(path: str | Path, reason: str) -> DamagedError:
    return DamagedError(f"{path} is damaged or cut short ({reason}); get an undamaged copy of it")

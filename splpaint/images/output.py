"""Where a painted photograph goes, in which format, and its bytes: written as the original was.

Changed: what has a palette or 1 bit becomes RGB, RGBA or grey; CMYK becomes RGB, without its profile. PNG, TIFF, BMP,
lossless WebP and lossless JPEG XL give back known pixels bit for bit.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import Deep
from splpaint.images.containers import EXIF_PREFIX, MOST_PROFILE_BYTES, has_maker_note
from splpaint.images.formats import (
    FORMATS,
    PNG,
    Format,
    format_named,
    format_of,
    format_of_suffix,
    suffix_for,
)
from splpaint.images.metadata_writing import add_metadata, save_options
from splpaint.images.photo import Photo
from splpaint.images.sixteen_bit import encode_deep
from splpaint.images.verification import require_faithful
from splpaint.notices import tell

__all__ = [
    "check_output",
    "choose_format",
    "choose_output",
    "encode_photo",
    "name_and_content",
    "original_bytes",
    "output_suffix",
]


def output_suffix(photo: Photo, format: str | None = None) -> str:
    """Say which suffix, and so which format, the painted photograph gets if no file is named for it.

    That of the original, where its name tells the format truly; else that of the format, with a ``PictureWarning``.

    Args:
        photo: The original.
        format: The format to write, if that is said, as ``format_named`` understands it.

    Raises:
        InputError: As ``format_named``.
    """
    if format:
        return suffix_for(format)
    found = _usual_format(photo)
    if format_of_suffix(photo.path.suffix) is found:
        return photo.path.suffix
    if found.name == photo.format and photo.data is None:
        tell(f"{photo.path}: {name_and_content(photo)}; the painted picture becomes a {found.suffix}")
    return found.suffix


def name_and_content(photo: Photo) -> str:
    """Put into words what a photograph's name says of its format and what its content is."""
    suffix = photo.path.suffix.lower()
    known = format_of_suffix(suffix)
    named = known.name if known else Image.registered_extensions().get(suffix)
    if photo.data is not None or named == photo.format:
        return f"{photo.format} cannot be written back"
    return f"its name says {named or 'no format'}, its content is {photo.format}"


def choose_output(photo: Photo, output: Path | None, *, format: str | None = None) -> Path:
    """Say where the painted photograph goes: to ``output``, or to ``NAME.painted.SUFFIX`` beside the original.

    ``output_suffix`` tells when the format is another one than the original's.

    Args:
        photo: The original.
        output: Where to, if that is said: a folder that is there, or a file, whose suffix tells the format.
        format: The format to write, as ``format_named`` understands it; ``output`` must not contradict it.

    Raises:
        InputError: As ``check_output``, or the format cannot hold the picture.
    """
    if output is None:
        output = photo.path.with_name(f"{photo.path.stem}.painted{output_suffix(photo, format)}")
    elif output.is_dir():
        output = output / (photo.path.stem + output_suffix(photo, format))
    check_output(output, format)
    _require_held(photo, format_of(output), f"{output.name!r}")
    return output


def check_output(output: Path, format: str | None = None) -> None:
    """Make sure that a file's suffix is that of a format, and of the one that is asked for.

    Args:
        output: The file.
        format: The format to write, if that is said, as ``format_named`` understands it.

    Raises:
        InputError: It is not, or the format's plugin is not installed.
    """
    written = format_of(output)
    if format and format_named(format) is not written:
        raise InputError(f"the format and the output must agree, got {format} and {output}; leave out one")


def choose_format(photo: Photo, format: str | None = None) -> Format:
    """Say in which format the painted photograph is written where no file is named.

    Args:
        photo: The original.
        format: The format, if that is said, as ``format_named`` understands it.

    Raises:
        InputError: As ``format_named``, or it cannot hold the picture.
    """
    chosen = format_named(format) if format else _usual_format(photo)
    _require_held(photo, chosen, chosen.name)
    return chosen


def encode_photo(
    photo: Photo, painted: Image.Image | Deep, format: Format, *, quality: int | None = None
) -> bytes:
    """Encode the painted photograph as the original was.

    Args:
        photo: The original.
        painted: Of its size and kind, with an empty ``info``.
        format: The one to write.
        quality: 1 to 100 instead of the original's settings, for formats that lose some detail.

    Raises:
        InputError: The format cannot hold the picture, or what was encoded is not the picture when it is decoded again.
    """
    options = _options(photo, format, quality)
    if isinstance(painted, Image.Image) and not format.has_alpha:
        painted = painted.convert(painted.mode.removesuffix("A"))
    try:
        buffer = _encoded(painted, format.name, options)
        add_metadata(buffer, photo.metadata, format)
        data = buffer.getvalue()
        require_faithful(data, painted, format.name, options)
        return data
    except Exception as error:  # Pillow's writers raise nearly anything: too large, odd tables, odd tags
        raise InputError(
            f"{photo.path} cannot be written as {format.name} ({error}); write a .png"
        ) from error


def _encoded(painted: Image.Image | Deep, name: str, options: dict[str, Any]) -> io.BytesIO:
    if not isinstance(painted, Image.Image):
        return encode_deep(painted, name, options)
    buffer = io.BytesIO()
    # A file's picture is copied, since Pillow's writer of TIFF would take tags from it.
    plain = painted if type(painted) is Image.Image else painted.copy()
    plain.save(buffer, name, **options)
    return buffer


def original_bytes(photo: Photo, format: Format) -> bytes:
    """Encode the original itself: byte for byte if it has this format.

    Raises:
        InputError: The format cannot hold the picture.
    """
    if format.name != photo.format:
        return encode_photo(photo, photo.image, format)
    return photo.path.read_bytes() if photo.data is None else photo.data


def _options(photo: Photo, format: Format, quality: int | None) -> dict[str, Any]:
    name = format.name
    settings = photo.settings if name == photo.format else format.settings
    if quality is not None and format.has_quality:
        settings = {"lossless": True} if quality == format.lossless_at else {"quality": quality}
    elif quality is not None:
        tell(f"{name} loses nothing: the quality {quality} means nothing there")
    if name != photo.format and photo.settings.get("comment"):
        tell(f"{name} has no place for the comment of the {photo.format}: left out")
    _tell_of_moved_exif(photo, name)
    return {**settings, **save_options(photo.metadata, format)}


def _tell_of_moved_exif(photo: Photo, name: str) -> None:
    exif = photo.metadata.get("exif", b"").removeprefix(EXIF_PREFIX)
    notes = exif and has_maker_note(exif)
    if exif and "TIFF" in {name, photo.format} and (notes or name != photo.format):
        also = "; what the camera maker's notes say of places in the file is no longer true" if notes else ""
        tell(f"the EXIF data are rewritten for a {name}: what they say stays{also}")


def _usual_format(photo: Photo) -> Format:
    # The original's, if it can be written; others (GIF and rarer ones) become PNG, with a notice.
    found = FORMATS.get(photo.format)
    if found and _holds(found, photo.image):
        return found
    tell(f"{photo.path}: {name_and_content(photo)}; the painted picture becomes a {PNG.suffix}")
    return PNG


def _require_held(photo: Photo, format: Format, name: str) -> None:
    if not isinstance(photo.image, Image.Image) and not format.is_deep:
        raise InputError(
            f"the output must hold the 16 bits per channel of {photo.path}, which {name} cannot; "
            "write a .png or .tif, or convert the picture to 8 bits first"
        )
    if not _holds(format, photo.image):
        raise InputError(
            f"the output must hold the transparency of {photo.path}, which {name} cannot; "
            "write a .png, .webp or .tif"
        )
    profile_bytes = len(photo.metadata.get("icc_profile", b""))
    if format is PNG and profile_bytes > MOST_PROFILE_BYTES:
        raise InputError(
            f"the output must hold the colour profile of {photo.path}, which has {profile_bytes} bytes, more "
            f"than readers of a PNG take ({MOST_PROFILE_BYTES}); write a .tif or .webp"
        )


def _holds(format: Format, image: Image.Image | Deep) -> bool:
    if not isinstance(image, Image.Image):
        return format.is_deep
    if format.has_alpha or not image.mode.endswith("A"):
        return True
    lowest, _ = image.getchannel("A").getextrema()
    return lowest == 255

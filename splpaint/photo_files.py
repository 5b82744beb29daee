"""Photographs in and out again: the painted one is written as the original was.

Kept: the format and its settings (a JPEG's quantisation tables and subsampling, a WebP's losslessness, a
TIFF's compression, unless it holds EXIF tables), the size, 16 bits per channel, alpha, and the metadata of
``photo_metadata.py``. Changed: the picture is upright; what has a palette or 1 bit becomes RGB, RGBA or grey;
CMYK becomes RGB, without its profile. PNG, TIFF, BMP, lossless WebP and lossless JPEG XL give back known
pixels bit for bit.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, JpegImagePlugin

from splpaint.decoding import load_plugin, open_picture, plain_mode, upright
from splpaint.deep_pictures import decode_deep, encode_deep
from splpaint.errors import InputError
from splpaint.images import Deep
from splpaint.notices import tell
from splpaint.photo_metadata import metadata_of, save_options
from splpaint.whole_files import write_whole

__all__ = [
    "FORMATS",
    "Photo",
    "choose_output",
    "copy_photo",
    "encode_photo",
    "name_and_content",
    "original_bytes",
    "output_suffix",
    "read_photo",
    "require_free",
    "suffix_for",
    "write_photo",
]

FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".avif": "AVIF",
    ".heic": "HEIF",
    ".heif": "HEIF",
    ".jxl": "JXL",
}
"""Suffixes that can be written, and Pillow's names of their formats; the last two need its plugins."""

_SUFFIXES = {name: suffix for suffix, name in reversed(FORMATS.items())}
_OPAQUE = {"JPEG", "BMP"}
_DEEP = {"PNG", "TIFF"}
_LOSSY = {"JPEG", "WEBP", "AVIF", "HEIF", "JXL"}
# For a picture that comes from another format: as lossless as the format can be.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True, "exact": True},
    "TIFF": {"compression": "tiff_adobe_deflate"},
    "BMP": {},
    "AVIF": {"quality": 95, "subsampling": "4:4:4"},
    "HEIF": {"quality": 95, "chroma": 444},
    "JXL": {"lossless": True},
}
_EXTRA_SAMPLES = 338
_HEAD_BYTES = 1 << 16
_LOSSLESS_TIFF = {"raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "zstd"}


class Photo(NamedTuple):
    """A photograph that has been read.

    Attributes:
        path: Its file.
        image: Upright: a picture in the mode L, LA, RGB or RGBA, or, with 16 bits per channel, an array.
        format: Pillow's name of the file's format.
        settings: How to write that format as it was.
        metadata: What stays with it, from ``metadata_of``.
        data: What the file holds, if it was not read from ``path``.
    """

    path: Path
    image: Image.Image | Deep
    format: str
    settings: dict[str, Any]
    metadata: dict[str, Any]
    data: bytes | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        if isinstance(self.image, Image.Image):
            return self.image.size
        return self.image.shape[1], self.image.shape[0]


def read_photo(path: str | Path, data: bytes | None = None) -> Photo:
    """Read a photograph with all that is needed to write it back.

    Args:
        path: The file.
        data: What it holds, if it is not to be read; ``path`` then only names it.

    Raises:
        InputError: As ``open_picture`` and ``decode_deep``.
    """
    path = Path(path)
    stored = open_picture(path, data, max_bits=16)
    _tell_of_conversion(stored, path)
    name = "JPEG" if stored.format == "MPO" else str(stored.format)
    image: Image.Image | Deep
    if stored.info.get("bits") == 16:
        image = decode_deep(stored, path.read_bytes() if data is None else data, path)
    else:
        image = plain_mode(upright(stored))
    settings, metadata = _settings(stored, name, path, data), metadata_of(stored, _head(path, data))
    if isinstance(image, Image.Image):
        image.info = {}  # which Pillow's writers would look into
    return Photo(path, image, name, settings, metadata, data)


def _tell_of_conversion(stored: Image.Image, path: Path) -> None:
    if stored.mode == "CMYK":
        tell(f"{path} is in CMYK: it becomes RGB by the plain formula, without its colour profile")
    elif stored.mode in {"P", "PA"}:
        tell(f"{path} has a palette: it becomes {'RGBA' if stored.has_transparency_data else 'RGB'}")
    elif stored.mode == "1":
        tell(f"{path} has 1 bit per pixel: it becomes grey with 8")
    extra = getattr(stored, "tag_v2", {}).get(_EXTRA_SAMPLES, ())
    if len(extra) > 1:
        tell(f"{path} has {len(extra)} channels besides its colours: they are left out")


def _head(path: Path, data: bytes | None) -> bytes:
    if data is not None:
        return data[:_HEAD_BYTES]
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def suffix_for(format: str) -> str:
    """Turn the name of a format, as a person gives it (``jpeg``, ``PNG``, ``tif``), into a suffix.

    Raises:
        InputError: No such format can be written, or its plugin is not installed.
    """
    suffix = "." + format.lower().removeprefix(".")
    if suffix in FORMATS:
        load_plugin(FORMATS[suffix], needed_for=f"writing {suffix}")
        return suffix
    raise InputError(
        f"the format must be one of {', '.join(known.removeprefix('.') for known in FORMATS)}, "
        f"got {format[:60]!r}; a png holds every picture"
    )


def output_suffix(photo: Photo, format: str | None = None) -> str:
    """Say which suffix, and so which format, the painted photograph gets if no file is named for it.

    That of the original, where its name tells the format truly; else that of the format. A format that cannot
    be written back (GIF and rarer ones) becomes PNG. A ``PictureWarning`` tells of both.

    Args:
        photo: The original.
        format: The format to write, if that is said, as ``suffix_for`` understands it.

    Raises:
        InputError: As ``suffix_for``.
    """
    if format:
        return suffix_for(format)
    suffix = photo.path.suffix
    kept = photo.format in _SUFFIXES and _holds(photo.format, photo.image)
    if kept and FORMATS.get(suffix.lower()) == photo.format:
        return suffix
    suffix = _SUFFIXES[photo.format] if kept else ".png"
    if photo.data is None or not kept:
        tell(f"{photo.path}: {name_and_content(photo)}; the painted picture becomes a {suffix}")
    return suffix


def name_and_content(photo: Photo) -> str:
    """Put into words what a photograph's name says of its format and what its content is."""
    suffix = photo.path.suffix.lower()
    named = FORMATS.get(suffix) or Image.registered_extensions().get(suffix)
    if photo.data is not None or named == photo.format:
        return f"{photo.format} cannot be written back"
    return f"its name says {named or 'no format'}, its content is {photo.format}"


def choose_output(
    photo: Photo, output: Path | None, *, format: str | None = None, overwrite: bool = False
) -> Path:
    """Say where the painted photograph goes: to ``output``, or to ``NAME.painted.SUFFIX`` beside the original.

    ``output_suffix`` tells when the format is another one than the original's.

    Args:
        photo: The original.
        output: Where to, if that is said: a folder that is there, or a file, whose suffix tells the format.
        format: The format to write, as ``suffix_for`` understands it; ``output`` must not contradict it.
        overwrite: Whether an existing file may be replaced.

    Raises:
        InputError: The suffix or folder is unknown, the format cannot hold the picture, its plugin is not
            installed, or the file exists.
    """
    if output is None:
        output = photo.path.with_name(f"{photo.path.stem}.painted{output_suffix(photo, format)}")
    elif output.is_dir():
        output = output / (photo.path.stem + output_suffix(photo, format))
    if output.suffix.lower() not in FORMATS:
        raise InputError(
            f"the output's suffix must be one of {', '.join(FORMATS)}, got {output.name!r}; "
            "a PNG holds every picture"
        )
    load_plugin(FORMATS[output.suffix.lower()], needed_for=f"writing {output}")
    if format and FORMATS[suffix_for(format)] != FORMATS[output.suffix.lower()]:
        raise InputError(f"the format and the output must agree, got {format} and {output}; leave out one")
    _require_held(photo, output)
    require_free(output, overwrite=overwrite, inputs=[photo.path])
    return output


def require_free(output: Path, *, overwrite: bool, inputs: list[Path], name: str = "the output") -> None:
    """Make sure that a file may be written.

    Args:
        output: The file.
        overwrite: Whether one that is there may be replaced.
        inputs: Files that must stay as they are.
        name: What the file is, for the message.

    Raises:
        InputError: Its folder is missing, it exists and ``overwrite`` is off, or it is one of ``inputs``.
    """
    if not output.parent.is_dir():
        raise InputError(f"the folder of {output} does not exist; make it first")
    if not os.path.lexists(output):
        return
    if output.exists() and any(output.samefile(path) for path in inputs):
        raise InputError(f"{name} must be another file than the input, got {output}; choose another name")
    if output.is_dir():
        raise InputError(f"{name} must be a file, got the folder {output}; add a file name")
    if not overwrite:
        raise InputError(f"{output} exists already; choose another name or pass --overwrite")


def write_photo(
    photo: Photo, painted: Image.Image | Deep, output: Path, *, quality: int | None = None
) -> None:
    """Write the painted photograph, whole or not at all; an existing file is replaced.

    Args:
        photo: The original.
        painted: Of its size and kind.
        output: From ``choose_output``; the suffix tells the format.
        quality: As ``encode_photo``.

    Raises:
        InputError: The format cannot hold the picture, or the file cannot be written.
    """
    write_whole(output, encode_photo(photo, painted, output, quality=quality))


def encode_photo(
    photo: Photo, painted: Image.Image | Deep, output: Path, *, quality: int | None = None
) -> bytes:
    """Encode the painted photograph as ``write_photo`` writes it.

    Args:
        photo: The original.
        painted: Of its size and kind, with an empty ``info``.
        output: Its suffix tells the format.
        quality: 1 to 100 instead of the original's settings, for formats that lose some detail.

    Raises:
        InputError: The format cannot hold the picture.
    """
    name = FORMATS[output.suffix.lower()]
    options = _options(photo, name, quality)
    try:
        if not isinstance(painted, Image.Image):
            return encode_deep(painted, name, options)
        plain = painted if name not in _OPAQUE else painted.convert(painted.mode.removesuffix("A"))
        if type(plain) is not Image.Image:
            plain = plain.copy()  # of a file, from which Pillow's writer of TIFF would take tags
        buffer = io.BytesIO()
        plain.save(buffer, name, **options)
        return buffer.getvalue()
    except Exception as error:  # Pillow's writers raise nearly anything: too large, odd tables, odd tags
        raise InputError(f"{output} cannot be written as {name} ({error}); write a .png") from error


def copy_photo(photo: Photo, output: Path) -> None:
    """Write the original itself: byte for byte if the formats are the same.

    Raises:
        InputError: As ``write_photo``.
    """
    write_whole(output, original_bytes(photo, output))


def original_bytes(photo: Photo, output: Path) -> bytes:
    """Encode the original as ``copy_photo`` writes it.

    Raises:
        InputError: The format cannot hold the picture.
    """
    if FORMATS[output.suffix.lower()] != photo.format:
        return encode_photo(photo, photo.image, output)
    return photo.path.read_bytes() if photo.data is None else photo.data


def _options(photo: Photo, name: str, quality: int | None) -> dict[str, Any]:
    settings = photo.settings if name == photo.format else _DEFAULTS[name]
    if quality is not None and name in _LOSSY:
        settings = {"quality": quality}
    elif quality is not None:
        tell(f"{name} loses nothing: the quality {quality} means nothing there")
    return settings | save_options(photo.metadata, name)


def _require_held(photo: Photo, output: Path) -> None:
    name = FORMATS[output.suffix.lower()]
    if not isinstance(photo.image, Image.Image) and name not in _DEEP:
        raise InputError(
            f"the output must hold the 16 bits per channel of {photo.path}, which {output.name!r} cannot; "
            "write a .png or .tif, or convert the picture to 8 bits first"
        )
    if not _holds(name, photo.image):
        raise InputError(
            f"the output must hold the transparency of {photo.path}, which {output.name!r} cannot; "
            "write a .png, .webp or .tif"
        )


def _holds(name: str, image: Image.Image | Deep) -> bool:
    if not isinstance(image, Image.Image):
        return name in _DEEP
    if name not in _OPAQUE or not image.mode.endswith("A"):
        return True
    lowest, _ = image.getchannel("A").getextrema()
    return lowest == 255


def _settings(stored: Image.Image, name: str, path: Path, data: bytes | None) -> dict[str, Any]:
    if name == "JPEG" and stored.mode in {"L", "RGB"} and isinstance(stored, JpegImagePlugin.JpegImageFile):
        return _jpeg_settings(stored, path)
    if name == "WEBP" and not _is_lossless_webp(path.read_bytes() if data is None else data):
        return {"quality": 90}
    if name in {"AVIF", "HEIF"}:
        return {"quality": 90}
    if name == "TIFF" and stored.info.get("compression") in _LOSSLESS_TIFF:
        return {"compression": stored.info["compression"]}
    return _DEFAULTS.get(name, {})


def _jpeg_settings(stored: JpegImagePlugin.JpegImageFile, path: Path) -> dict[str, Any]:
    subsampling = JpegImagePlugin.get_sampling(stored)
    if subsampling < 0 and stored.mode == "RGB":
        tell(f"{path} subsamples its colours in a way that cannot be written: it becomes 4:4:4")
        subsampling = 0
    settings: dict[str, Any] = {"subsampling": subsampling, "progressive": "progressive" in stored.info}
    if stored.quantization:
        settings["qtables"] = stored.quantization
    else:  # a lossless JPEG, which Pillow cannot write
        tell(f"{path} is a lossless JPEG, which cannot be written: it becomes one of quality 95")
        settings["quality"] = 95
    return settings | {"comment": stored.info.get("comment", b"")}


def _is_lossless_webp(data: bytes) -> bool:
    place = 12  # after "RIFF", the size and "WEBP": chunks of 4 bytes name, 4 bytes size, data, even length
    while place + 8 <= len(data):
        chunk, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        if chunk in {b"VP8 ", b"VP8L"}:
            return chunk == b"VP8L"
        place += 8 + size + size % 2
    return False

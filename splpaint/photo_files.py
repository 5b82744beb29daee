"""Photographs in and out again: the painted one is written as the original was.

Kept: the format and its settings (a JPEG's quantisation tables and subsampling, a WebP's losslessness, a
TIFF's compression, unless it holds EXIF tables), the size, alpha, the colour profile, EXIF and the
resolution. Changed: the picture is upright, so EXIF no longer asks to turn it; EXIF has no thumbnail, which
would show the picture before; what has a palette or 1 bit becomes RGB, RGBA or grey; CMYK becomes RGB,
without its profile. PNG, TIFF, BMP and lossless WebP give back known pixels bit for bit.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import secrets
import warnings
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, JpegImagePlugin

from splpaint.decoding import PictureWarning, open_picture, plain_mode, upright
from splpaint.errors import InputError

__all__ = ["Photo", "choose_output", "copy_photo", "read_photo", "require_free", "write_photo", "write_whole"]

_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}
_SUFFIXES = {name: suffix for suffix, name in reversed(_FORMATS.items())}
_OPAQUE = {"JPEG", "BMP"}
# For a picture that comes from another format: as lossless as the format can be.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True, "exact": True},
    "TIFF": {"compression": "tiff_adobe_deflate"},
    "BMP": {},
}
_LOSSLESS_TIFF = {"raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "zstd"}
_MAX_JPEG_EXIF_BYTES = 65_533
# What describes a photograph, not how its file is laid out: description, camera, software, date, artist,
# copyright, and the EXIF and GPS tables.
_TABLES = {0x8769, 0x8825}
_DESCRIPTIVE_TAGS = {0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x8298} | _TABLES


class Photo(NamedTuple):
    """A photograph that has been read.

    Attributes:
        path: Its file.
        image: Upright, in the mode L, LA, RGB or RGBA.
        format: Pillow's name of the file's format.
        settings: How to write that format as it was.
        metadata: ``exif``, ``icc_profile`` and ``dpi``, as far as there.
    """

    path: Path
    image: Image.Image
    format: str
    settings: dict[str, Any]
    metadata: dict[str, Any]


def read_photo(path: str | Path) -> Photo:
    """Read a photograph with all that is needed to write it back.

    Raises:
        InputError: As ``open_picture``.
    """
    path = Path(path)
    stored = open_picture(path)
    if stored.mode == "CMYK":
        warnings.warn(
            f"{path} is in CMYK: it becomes RGB by the plain formula, without its colour profile",
            PictureWarning,
            stacklevel=2,
        )
    name = "JPEG" if stored.format == "MPO" else str(stored.format)
    return Photo(path, plain_mode(upright(stored)), name, _settings(stored, name, path), _metadata(stored))


def choose_output(photo: Photo, output: Path | None, *, overwrite: bool) -> Path:
    """Say where the painted photograph goes: ``output``, or ``NAME.painted.SUFFIX`` beside the original.

    A format that cannot be written back (GIF and rarer ones) becomes PNG, with a ``PictureWarning``.

    Raises:
        InputError: The suffix or folder is unknown, the format cannot hold the picture, or the file exists.
    """
    output = output or _beside(photo)
    if output.suffix.lower() not in _FORMATS:
        raise InputError(
            f"the output's suffix must be one of {', '.join(_FORMATS)}, got {output.name!r}; "
            "a PNG holds every picture"
        )
    if not _holds(_FORMATS[output.suffix.lower()], photo.image):
        raise InputError(
            f"the output must hold the transparency of {photo.path}, which {output.name!r} cannot; "
            "write a .png, .webp or .tif"
        )
    require_free(output, overwrite=overwrite, inputs=[photo.path])
    return output


def require_free(output: Path, *, overwrite: bool, inputs: list[Path]) -> None:
    """Make sure that a file may be written.

    Raises:
        InputError: Its folder is missing, it exists and ``overwrite`` is off, or it is one of ``inputs``.
    """
    if not output.parent.is_dir():
        raise InputError(f"the folder of {output} does not exist; make it first")
    if not os.path.lexists(output):
        return
    if output.exists() and any(output.samefile(path) for path in inputs):
        raise InputError(f"the output must be another file than the input, got {output}; choose another name")
    if output.is_dir():
        raise InputError(f"the output must be a file, got the folder {output}; add a file name")
    if not overwrite:
        raise InputError(f"{output} exists already; choose another name or pass --overwrite")


def write_photo(photo: Photo, painted: Image.Image, output: Path) -> None:
    """Write the painted photograph, whole or not at all; an existing file is replaced.

    Args:
        photo: The original.
        painted: Of its size and mode.
        output: From ``choose_output``; the suffix tells the format.

    Raises:
        InputError: The format cannot hold the picture, or the file cannot be written.
    """
    name = _FORMATS[output.suffix.lower()]
    plain = Image.frombytes(painted.mode, painted.size, painted.tobytes())  # without what info may hold
    if name in _OPAQUE:
        plain = plain.convert(plain.mode.removesuffix("A"))
    buffer = io.BytesIO()
    try:
        plain.save(buffer, name, **_options(photo, name))
    except Exception as error:  # Pillow's writers raise nearly anything: too large, odd tables, odd tags
        raise InputError(f"{output} cannot be written as {name} ({error}); write a .png") from error
    write_whole(output, buffer.getvalue())


def copy_photo(photo: Photo, output: Path) -> None:
    """Write the original itself: byte for byte if the formats are the same.

    Raises:
        InputError: As ``write_photo``.
    """
    if _FORMATS[output.suffix.lower()] == photo.format:
        write_whole(output, photo.path.read_bytes())
    else:
        write_photo(photo, photo.image, output)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name beside it and rename it: it is there whole, or not at all.

    Raises:
        InputError: The folder is missing or locked, the disk is full.
    """
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InputError(f"{path} cannot be written ({error.strerror}); choose another place") from error
        raise


def _options(photo: Photo, name: str) -> dict[str, Any]:
    settings = photo.settings if name == photo.format else _DEFAULTS[name]
    options = settings | photo.metadata
    if name == "JPEG" and len(options.get("exif", b"")) > _MAX_JPEG_EXIF_BYTES:
        warnings.warn("the EXIF data are too long for a JPEG: left out", PictureWarning, stacklevel=3)
        del options["exif"]
    if name == "TIFF" and "exif" in options:
        tags = Image.Exif()
        tags.load(options["exif"])
        if _TABLES & set(tags):  # Pillow cannot write these with compression
            options["compression"] = "raw"
    return options


def _beside(photo: Photo) -> Path:
    suffix = photo.path.suffix
    if _FORMATS.get(suffix.lower()) != photo.format or not _holds(photo.format, photo.image):
        writable = photo.format in _SUFFIXES and _holds(photo.format, photo.image)
        suffix = _SUFFIXES[photo.format] if writable else ".png"
        warnings.warn(
            f"{photo.path} is a {photo.format} file: the painted picture is written as {_FORMATS[suffix]}",
            PictureWarning,
            stacklevel=3,
        )
    return photo.path.with_name(f"{photo.path.stem}.painted{suffix}")


def _holds(name: str, image: Image.Image) -> bool:
    if name not in _OPAQUE or not image.mode.endswith("A"):
        return True
    lowest, _ = image.getchannel("A").getextrema()
    return lowest == 255


def _settings(stored: Image.Image, name: str, path: Path) -> dict[str, Any]:
    if name == "JPEG" and stored.mode in {"L", "RGB"} and isinstance(stored, JpegImagePlugin.JpegImageFile):
        return {
            "qtables": stored.quantization,
            "subsampling": JpegImagePlugin.get_sampling(stored),
            "progressive": "progressive" in stored.info,
            "comment": stored.info.get("comment", b""),
        }
    if name == "WEBP" and not _is_lossless_webp(path):
        return {"quality": 90}
    if name == "TIFF" and stored.info.get("compression") in _LOSSLESS_TIFF:
        return {"compression": stored.info["compression"]}
    return _DEFAULTS.get(name, {})


def _is_lossless_webp(path: Path) -> bool:
    data = path.read_bytes()
    place = 12  # after "RIFF", the size and "WEBP": chunks of 4 bytes name, 4 bytes size, data, even length
    while place + 8 <= len(data):
        chunk, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        if chunk in {b"VP8 ", b"VP8L"}:
            return chunk == b"VP8L"
        place += 8 + size + size % 2
    return False


def _metadata(stored: Image.Image) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if stored.mode != "CMYK" and stored.info.get("icc_profile"):
        kept["icc_profile"] = stored.info["icc_profile"]
    if exif := _exif(stored):
        kept["exif"] = exif
    try:
        dpi = tuple(float(value) for value in stored.info["dpi"])
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return kept
    if len(dpi) == 2 and all(math.isfinite(value) and 1 <= value < 65_536 for value in dpi):
        kept["dpi"] = dpi
    return kept


def _exif(stored: Image.Image) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif = stored.getexif()
            for tag in set(exif) - _DESCRIPTIVE_TAGS:
                del exif[tag]
            return exif.tobytes() if len(exif) else b""
    except Exception:  # damaged EXIF data raise nearly anything
        warnings.warn("the EXIF data are damaged: left out", PictureWarning, stacklevel=4)
        return b""

"""What describes a photograph and stays with it: EXIF, colour profile, resolution, XMP, IPTC, a PNG's texts.

Corrected is what would lie once the picture is painted and upright, as its orientation; thumbnails, which show the
picture before, and what is damaged are left out, with a ``PictureWarning``.
"""

from __future__ import annotations

import itertools
import math
import re
import struct
from typing import Any, BinaryIO

from PIL import Image, PngImagePlugin

from splpaint.images.containers import (
    EXIF_PREFIX,
    IPTC_TAG,
    XMP_TAG,
    TiffTags,
    add_tags,
    fitted_exif,
    fitted_xmp,
    parts_beside_picture,
    png_chunks,
    read_tags,
    without_tag,
)
from splpaint.images.decoding import orientation_of
from splpaint.notices import tell

__all__ = ["add_metadata", "metadata_of", "save_options"]

_XMP_TEXT = "XML:com.adobe.xmp"
_HIDDEN_TEXTS = re.compile(r"XML:com\.adobe\.xmp|Raw profile type .*|Thumb::.*")
_COLOUR_SPACE = {b"cHRM", b"cICP", b"gAMA", b"sRGB"}
_RESOLUTION_TAG = 282
_IPTC = 0x0404  # among the resources of Photoshop
_HEIF_PARTS = {
    "aux": "auxiliary pictures, as an HDR gain map",
    "depth_images": "depth",
    "thumbnails": "thumbnails",
}
_TIFF_TAGS = {"xmp": XMP_TAG, "iptc": IPTC_TAG}
_EXIF_TEXT = "Raw profile type exif"
_ORIENTATION_TAG = 0x0112
_OF_ONE_FORMAT = {"text", "colour_space", "iptc"}
_MAX_JPEG_BYTES = {"exif": 65_533, "xmp": 65_504}


def metadata_of(stored: Image.Image, file: BinaryIO, size: tuple[int, int]) -> dict[str, Any]:
    """Gather what stays.

    Args:
        stored: A decoded picture, as ``open_picture`` gives it.
        file: Its file; any position.
        size: Width and height in pixels, upright.

    Returns:
        As far as there: ``exif``, ``icc_profile`` and ``xmp`` (bytes), ``dpi`` (two numbers), ``iptc`` (bytes, of
        a JPEG or TIFF), ``text`` (a PNG's keywords and texts) and ``colour_space`` (the PNG chunks that say what its
        numbers mean, by their names).
    """
    _tell_of_parts_left_out(stored, file)
    exif, orientation, iptc = _told_by_tags(stored, file)
    kept: dict[str, Any] = {}
    if stored.mode != "CMYK" and stored.info.get("icc_profile"):
        kept["icc_profile"] = stored.info["icc_profile"]
    if exif := _fitted(exif, size, orientation):
        kept["exif"] = exif
    if xmp := _xmp(stored, size, orientation):
        kept["xmp"] = xmp
    if dpi := _dpi(stored):
        kept["dpi"] = dpi
    texts = stored.text if isinstance(stored, PngImagePlugin.PngImageFile) else {}
    if visible := {key: value for key, value in texts.items() if not _HIDDEN_TEXTS.fullmatch(key)}:
        kept["text"] = visible
    if stored.format == "PNG" and (chunks := _colour_space(file)):
        kept["colour_space"] = chunks
    if iptc:
        kept["iptc"] = iptc
    return kept


def save_options(metadata: dict[str, Any], name: str) -> dict[str, Any]:
    """Turn metadata into options of Pillow's writer.

    Args:
        metadata: From ``metadata_of``.
        name: Pillow's name of the format that is written.
    """
    options = {key: value for key, value in metadata.items() if key not in _OF_ONE_FORMAT}
    if "iptc" in metadata:
        options |= _iptc_options(metadata["iptc"], name)
    for key, limit in _MAX_JPEG_BYTES.items() if name == "JPEG" else ():
        if len(options.get(key, b"")) > limit:
            tell(f"the {key.upper()} data are too long for a JPEG: left out")
            del options[key]
    if name == "PNG":
        chunks = metadata.get("colour_space", {})
        options["pnginfo"] = _png_info(metadata.get("text", {}), options.pop("xmp", b""), chunks)
    if name == "AVIF" and "exif" in options:  # with an orientation, Pillow would write all of it anew
        options["exif"] = without_tag(options["exif"].removeprefix(EXIF_PREFIX), _ORIENTATION_TAG)
    for key in ("exif", "xmp") if name == "TIFF" else ():
        options.pop(key, None)  # ``add_metadata`` writes them
    return options


def add_metadata(file: BinaryIO, metadata: dict[str, Any], name: str) -> None:
    """Add to an encoded picture what Pillow's writer cannot write.

    Args:
        file: The picture, written with ``save_options``, for reading and writing; any position.
        metadata: From ``metadata_of``.
        name: Pillow's name of its format.
    """
    others = {tag: metadata[key] for key, tag in _TIFF_TAGS.items() if key in metadata}
    if name == "TIFF" and ("exif" in metadata or others):
        add_tags(file, metadata.get("exif", b"").removeprefix(EXIF_PREFIX), others)


def _tell_of_parts_left_out(stored: Image.Image, file: BinaryIO) -> None:
    parts = []
    if stored.format in {"JPEG", "MPO"}:
        file.seek(0)
        parts = parts_beside_picture(file.read())
        if stored.info.get("photoshop", {}).keys() - {_IPTC}:
            parts.append("Photoshop's resources but captions")
    parts += [name for key, name in _HEIF_PARTS.items() if stored.info.get(key)]
    if parts:
        tell(f"left out of the {stored.format}: {', '.join(parts)}")


def _told_by_tags(stored: Image.Image, file: BinaryIO) -> TiffTags:
    if stored.format == "TIFF":
        return read_tags(file)
    exif = stored.info.get("exif") or _exif_of_text(stored)
    iptc = stored.info.get("photoshop", {}).get(_IPTC) if stored.format in {"JPEG", "MPO"} else b""
    # HEIF's plugin turns the picture, and puts the orientation right.
    orientation = stored.info.get("original_orientation") or orientation_of(stored)
    exif, iptc = (each if isinstance(each, bytes) else b"" for each in (exif, iptc))
    return TiffTags(exif, orientation, iptc)


def _exif_of_text(stored: Image.Image) -> bytes:
    # A PNG's EXIF data in digits, as before it had a chunk for them: a name, their number, then the digits.
    try:
        return bytes.fromhex("".join(stored.info[_EXIF_TEXT].split("\n")[3:]))
    except (KeyError, ValueError, AttributeError):
        return b""


def _fitted(exif: bytes, size: tuple[int, int], orientation: int) -> bytes:
    if not exif.removeprefix(EXIF_PREFIX):
        return b""
    try:
        fitted = fitted_exif(exif, size, orientation)
    except ValueError as error:
        tell(f"the EXIF data are damaged ({error}): left out")
        return b""
    if fitted.had_thumbnail:
        tell("the thumbnail in the EXIF data is left out: it shows the picture before")
    return EXIF_PREFIX + fitted.data


def _xmp(stored: Image.Image, size: tuple[int, int], orientation: int) -> bytes:
    xmp = stored.info.get("xmp") or stored.info.get(_XMP_TEXT) or b""
    data = xmp.encode("utf-8", "replace") if isinstance(xmp, str) else xmp
    if not isinstance(data, bytes):
        return b""
    fitted = fitted_xmp(data.rstrip(b"\0"), size, orientation)
    if fitted.left_out:
        tell("left out of the XMP data: what they say of the picture before, or of parts that are left out")
    return fitted.data


def _dpi(stored: Image.Image) -> tuple[float, ...]:
    if stored.format == "TIFF" and _RESOLUTION_TAG not in stored.tag_v2:  # type: ignore[attr-defined]
        return ()  # where a TIFF does not say, Pillow says 1
    try:
        dpi = tuple(float(value) for value in stored.info["dpi"])
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return ()
    known = len(dpi) == 2 and all(math.isfinite(value) and 1 <= value < 65_536 for value in dpi)
    return dpi if known else ()


def _iptc_options(iptc: bytes, name: str) -> dict[str, bytes]:
    # Of Photoshop's block in a JPEG the captions alone: it may hold a thumbnail, too.
    if name != "JPEG":
        if name != "TIFF":
            tell("the IPTC data are left out: a JPEG or TIFF alone keeps them")
        return {}
    padded = iptc + b"\0" * (len(iptc) % 2)
    block = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HHI", _IPTC, 0, len(iptc)) + padded
    if len(block) > _MAX_JPEG_BYTES["exif"]:
        tell("the IPTC data are too long for a JPEG: left out")
        return {}
    return {"extra": b"\xff\xed" + struct.pack(">H", 2 + len(block)) + block}


def _colour_space(file: BinaryIO) -> dict[bytes, bytes]:
    before = itertools.takewhile(lambda chunk: chunk.kind != b"IDAT", png_chunks(file, "the PNG"))
    return {chunk.kind: chunk.data(file) for chunk in before if chunk.kind in _COLOUR_SPACE and chunk.sound}


def _png_info(texts: dict[str, str], xmp: bytes, chunks: dict[bytes, bytes]) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for name, body in chunks.items():
        info.add(name, body)
    for key, text in texts.items():
        if isinstance(text, PngImagePlugin.iTXt):
            info.add_itxt(key, text, text.lang or "", text.tkey or "")
        else:
            info.add_text(key, text, zip=len(text) > 1024)
    if xmp:
        info.add_itxt(_XMP_TEXT, xmp.decode("utf-8", "replace"))
    return info

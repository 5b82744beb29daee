"""What describes a photograph and stays with it: EXIF, colour profile, resolution, XMP, IPTC, a PNG's texts.

Left out is what would lie once the picture is painted and upright: the orientation, and thumbnails, which
show the picture before. Damaged metadata are left out, too, with a ``PictureWarning``.
"""

from __future__ import annotations

import math
import re
import struct
from typing import Any

from PIL import Image, PngImagePlugin

from splpaint.images.decoding import silent_pillow
from splpaint.notices import tell

__all__ = ["metadata_of", "save_options"]

# What describes a photograph, not how its file is laid out: description, camera, software, date, artist,
# copyright, and the EXIF and GPS tables.
_TABLES = {0x8769, 0x8825}
_DESCRIPTIVE_TAGS = {0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x8298} | _TABLES
_XMP_TAG = 700
_XMP_TEXT = "XML:com.adobe.xmp"
_HIDDEN_TEXTS = re.compile(r"XML:com\.adobe\.xmp|Raw profile type .*|Thumb::.*")
_XMP_ORIENTATION = re.compile(rb"(tiff:Orientation(?:=[\"']|>))[2-8]")
_XMP_THUMBNAILS = re.compile(rb"<xmp:Thumbnails\b.*?</xmp:Thumbnails>", re.DOTALL)
_COLOUR_SPACE = {b"cHRM", b"cICP", b"gAMA", b"sRGB"}
_RESOLUTION_TAG = 282
_IPTC = 0x0404  # among the resources of Photoshop
_OF_ONE_FORMAT = {"text", "colour_space", "iptc"}
_MAX_JPEG_BYTES = {"exif": 65_533, "xmp": 65_504}


def metadata_of(stored: Image.Image, head: bytes) -> dict[str, Any]:
    """Gather what stays.

    Args:
        stored: A decoded picture, as ``open_picture`` gives it.
        head: The beginning of its file.

    Returns:
        As far as there: ``exif``, ``icc_profile`` and ``xmp`` (bytes), ``dpi`` (two numbers), ``iptc`` (bytes, of
        a JPEG), ``text`` (a PNG's keywords and texts) and ``colour_space`` (the PNG chunks that say what its
        numbers mean, by their names).
    """
    kept: dict[str, Any] = {}
    if stored.mode != "CMYK" and stored.info.get("icc_profile"):
        kept["icc_profile"] = stored.info["icc_profile"]
    if exif := _exif(stored):
        kept["exif"] = exif
    if xmp := _xmp(stored):
        kept["xmp"] = xmp
    if dpi := _dpi(stored):
        kept["dpi"] = dpi
    texts = stored.text if isinstance(stored, PngImagePlugin.PngImageFile) else {}
    if visible := {key: value for key, value in texts.items() if not _HIDDEN_TEXTS.fullmatch(key)}:
        kept["text"] = visible
    if stored.format == "PNG" and (chunks := _colour_space(head)):
        kept["colour_space"] = chunks
    iptc = stored.info.get("photoshop", {}).get(_IPTC) if stored.format in {"JPEG", "MPO"} else None
    if isinstance(iptc, bytes) and iptc:
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
    if name == "TIFF" and options.keys() & {"exif", "xmp"}:
        tags = Image.Exif()
        tags.load(options.get("exif", b""))
        if "xmp" in options:
            tags[_XMP_TAG] = options.pop("xmp")
        if _TABLES & set(tags):  # Pillow cannot write these with compression
            options["compression"] = "raw"
        options["exif"] = tags
    return options


def _exif(stored: Image.Image) -> bytes:
    try:
        with silent_pillow():
            exif = stored.getexif()
            for tag in set(exif) - _DESCRIPTIVE_TAGS:
                del exif[tag]
            exif.bigtiff = False  # what a BigTIFF has is written as any other's
            return exif.tobytes() if len(exif) else b""
    except Exception:  # damaged EXIF data raise nearly anything
        tell("the EXIF data are damaged: left out")
        return b""


def _xmp(stored: Image.Image) -> bytes:
    xmp = stored.info.get("xmp") or stored.info.get(_XMP_TEXT) or b""
    data = xmp.encode("utf-8", "replace") if isinstance(xmp, str) else xmp
    if not isinstance(data, bytes):
        return b""
    upright = _XMP_ORIENTATION.sub(rb"\g<1>1", data.rstrip(b"\0"))
    return _XMP_THUMBNAILS.sub(b"", upright)


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
        tell("the IPTC data are left out: a JPEG alone keeps them")
        return {}
    padded = iptc + b"\0" * (len(iptc) % 2)
    block = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HHI", _IPTC, 0, len(iptc)) + padded
    if len(block) > _MAX_JPEG_BYTES["exif"]:
        tell("the IPTC data are too long for a JPEG: left out")
        return {}
    return {"extra": b"\xff\xed" + struct.pack(">H", 2 + len(block)) + block}


def _colour_space(head: bytes) -> dict[bytes, bytes]:
    chunks, place = {}, 8
    while place + 8 <= len(head) and head[place + 4 : place + 8] != b"IDAT":
        size, name = int.from_bytes(head[place : place + 4]), head[place + 4 : place + 8]
        body = head[place + 8 : place + 8 + size]
        if name in _COLOUR_SPACE and len(body) == size:
            chunks[name] = body
        place += 12 + size
    return chunks


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

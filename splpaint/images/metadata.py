"""The metadata that stay with a photo: EXIF, colour profile, resolution, XMP, IPTC, a PNG's texts.

What would be wrong once the picture is painted and upright, such as its orientation, is corrected. What shows the
picture before, and what is damaged, is left out, with a ``PictureWarning``.
"""

from __future__ import annotations

import math
import re
from typing import Any, BinaryIO, NamedTuple

from PIL import Image

from splpaint.images.containers import (
    EXIF_PREFIX,
    PngText,
    boxes,
    fitted_exif,
    fitted_xmp,
    item_kinds,
    parts_beside_picture,
    parts_beside_webp,
    png_chunks,
    read_exif_item,
    read_tags,
    read_texts,
)
from splpaint.images.decoding import orientation_of
from splpaint.notices import tell

__all__ = ["IPTC_RESOURCE", "XMP_KEYWORD", "metadata_of"]

IPTC_RESOURCE = 0x0404
"""The captions among the resources of Photoshop."""
XMP_KEYWORD = b"XML:com.adobe.xmp"
"""Of the text of a PNG that holds XMP."""

_COLOUR_SPACE = {b"cHRM", b"cICP", b"gAMA", b"sRGB"}
_READ_ELSEWHERE = {b"eXIf", b"iCCP", b"iTXt", b"pHYs", b"tEXt", b"zTXt", *_COLOUR_SPACE}
_STORAGE = {b"IDAT", b"IEND", b"IHDR", b"PLTE", b"hIST", b"iDOT", b"tRNS"}
_RESOLUTION_TAG = 282
_RAW_PROFILE = re.compile(rb"Raw profile type (?:exif|APP1)")
_HIDDEN_TEXTS = re.compile(rb"Raw profile type .*|Thumb::.*")
_JPEG_2000_PARTS = {b"xml ": "XML", b"uuid": "data of other programs, as EXIF and XMP"}
_JXL_PARTS = {b"jumb": "content credentials", b"brob": "compressed metadata"}
_MADE_PROFILES = (
    "sRGB",
    "Gra_D65_Rel_SRG",
)  # the names that libjxl gives to what it makes for sRGB and its grey
_HEIF_PARTS = {
    "aux": "auxiliary pictures, as an HDR gain map",
    "depth_images": "depth",
    "thumbnails": "thumbnails",
}


class _Metadata(NamedTuple):
    """The metadata of a file as they are there."""

    exif: bytes = b""
    orientation: int = 1
    xmp: bytes = b""
    profile: bytes = b""
    iptc: bytes = b""
    texts: tuple[PngText, ...] = ()
    colour_space: tuple[tuple[bytes, bytes], ...] = ()
    left_out: tuple[str, ...] = ()


def metadata_of(stored: Image.Image, file: BinaryIO, size: tuple[int, int]) -> dict[str, Any]:
    """Gather the metadata that stay.

    Args:
        stored: A decoded picture, as ``open_picture`` gives it.
        file: Its file; any position.
        size: Width and height in pixels, upright.

    Returns:
        Those that there are: ``exif``, ``icc_profile`` and ``xmp`` (bytes), ``dpi`` (two numbers), ``iptc`` (bytes, of
        a JPEG or TIFF), ``text`` (a PNG's ``PngText``s) and ``colour_space`` (the PNG chunks that say what its
        numbers mean, by their names).
    """
    given = _READERS.get(str(stored.format), _metadata_of_pillow)(stored, file)
    left_out = [*given.left_out, *_aspect(stored)]
    if left_out:
        tell(f"left out of the {stored.format}: {', '.join(left_out)}")
    kept = {
        "icc_profile": given.profile if stored.mode != "CMYK" else b"",
        "exif": _fitted_exif(given, size),
        "xmp": _fitted_xmp(given, size),
        "dpi": _dpi(stored, given.orientation),
        "text": given.texts,
        "colour_space": dict(given.colour_space),
        "iptc": given.iptc,
    }
    return {key: value for key, value in kept.items() if value}


def _metadata_of_pillow(stored: Image.Image, file: BinaryIO) -> _Metadata:
    # HEIF's plugin turns the picture itself, and puts the orientation right.
    orientation = stored.info.get("original_orientation") or orientation_of(stored)
    left_out = tuple(name for key, name in _HEIF_PARTS.items() if stored.info.get(key))
    others = {str(each.get("type")) for each in stored.info.get("metadata") or ()}
    left_out += tuple(sorted(others)) + (("its comment",) if stored.info.get("comment") else ())
    exif, xmp, profile = (_bytes(stored.info.get(key)) for key in ("exif", "xmp", "icc_profile"))
    return _Metadata(exif, orientation, xmp, profile, left_out=left_out)


def _metadata_of_webp(stored: Image.Image, file: BinaryIO) -> _Metadata:
    file.seek(0)
    return _metadata_of_pillow(stored, file)._replace(left_out=tuple(parts_beside_webp(file.read())))


def _metadata_of_jpeg_2000(stored: Image.Image, file: BinaryIO) -> _Metadata:
    found = {box.kind for box in boxes(file)}
    left_out = tuple(name for kind, name in _JPEG_2000_PARTS.items() if kind in found)
    return _metadata_of_pillow(stored, file)._replace(left_out=left_out)


def _metadata_of_jxl(stored: Image.Image, file: BinaryIO) -> _Metadata:
    # Its plugin reads no XMP, and makes a profile where the file has none.
    given = _metadata_of_pillow(stored, file)
    made = any(name.encode("utf-16-be") in given.profile for name in _MADE_PROFILES)
    found = {box.kind: box for box in boxes(file)}
    xmp = b""
    if box := found.get(b"xml "):
        file.seek(box.start)
        xmp = file.read(box.end - box.start)
    left_out = tuple(name for kind, name in _JXL_PARTS.items() if kind in found)
    return given._replace(xmp=xmp, left_out=left_out, profile=b"" if made else given.profile)


def _metadata_of_avif(stored: Image.Image, file: BinaryIO) -> _Metadata:
    # Where the file says apart how it has to be turned, Pillow rewrites all EXIF data.
    given = _metadata_of_pillow(stored, file)
    left_out = ("an HDR gain map",) if b"tmap" in item_kinds(file).values() else ()
    return given._replace(exif=read_exif_item(file) or given.exif, left_out=left_out)


def _metadata_of_jpeg(stored: Image.Image, file: BinaryIO) -> _Metadata:
    file.seek(0)
    parts, resources = parts_beside_picture(file.read()), stored.info.get("photoshop", {})
    if resources.keys() - {IPTC_RESOURCE}:
        parts.append("Photoshop's resources but captions")
    iptc = _bytes(resources.get(IPTC_RESOURCE))
    return _metadata_of_pillow(stored, file)._replace(iptc=iptc, left_out=tuple(parts))


def _metadata_of_tiff(stored: Image.Image, file: BinaryIO) -> _Metadata:
    exif, orientation, iptc = read_tags(file)
    return _metadata_of_pillow(stored, file)._replace(exif=exif, orientation=orientation, iptc=iptc)


def _metadata_of_png(stored: Image.Image, file: BinaryIO) -> _Metadata:
    chunks = [chunk for chunk in png_chunks(file, "the PNG") if chunk.sound]
    texts, profile = read_texts(file, chunks)
    hidden = [text for text in texts if _HIDDEN_TEXTS.fullmatch(text.keyword)]
    in_digits = next((text for text in hidden if _RAW_PROFILE.fullmatch(text.keyword)), None)
    xmp = next((text.data for text in texts if text.keyword == XMP_KEYWORD), b"")
    shown = tuple(text for text in texts if text.keyword != XMP_KEYWORD and text not in hidden)
    exif = _bytes(stored.info.get("exif"))
    if in_digits and not exif:
        hidden.remove(in_digits)
        exif = _from_digits(in_digits.data)
    colour_space = tuple((chunk.kind, chunk.data(file)) for chunk in chunks if chunk.kind in _COLOUR_SPACE)
    others = [chunk.name for chunk in chunks if chunk.kind not in _READ_ELSEWHERE | _STORAGE]
    left_out = tuple(dict.fromkeys([*(text.name for text in hidden), *others]))
    return _Metadata(exif, orientation_of(stored), xmp, profile, b"", shown, colour_space, left_out)


_READERS = {
    "WEBP": _metadata_of_webp,
    "JPEG2000": _metadata_of_jpeg_2000,
    "JPEG": _metadata_of_jpeg,
    "MPO": _metadata_of_jpeg,
    "TIFF": _metadata_of_tiff,
    "PNG": _metadata_of_png,
    "JXL": _metadata_of_jxl,
    "AVIF": _metadata_of_avif,
}


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else b""


def _from_digits(text: bytes) -> bytes:
    # EXIF data as PNGs had them before there was a chunk for them: a name, the number of bytes, then their digits.
    try:
        return bytes.fromhex(b"".join(text.split(b"\n")[3:]).decode("ascii"))
    except ValueError:
        tell("the EXIF data in a text of the PNG are damaged: left out")
        return b""


def _fitted_exif(given: _Metadata, size: tuple[int, int]) -> bytes:
    if not given.exif.removeprefix(EXIF_PREFIX):
        return b""
    try:
        fitted = fitted_exif(given.exif, size, given.orientation)
    except ValueError as error:
        tell(f"the EXIF data are damaged ({error}): left out")
        return b""
    if fitted.had_thumbnail:
        tell("the thumbnail in the EXIF data is left out: it shows the picture before")
    return EXIF_PREFIX + fitted.data


def _fitted_xmp(given: _Metadata, size: tuple[int, int]) -> bytes:
    fitted = fitted_xmp(given.xmp.rstrip(b"\0"), size, given.orientation)
    if fitted.left_out:
        tell("left out of the XMP data: what they say of the picture before, or of parts that are left out")
    return fitted.data


def _aspect(stored: Image.Image) -> list[str]:
    # Pixels that are no squares; Pillow writes none.
    aspect = stored.info.get("aspect") or (
        stored.info.get("jfif_unit") == 0 and stored.info.get("jfif_density")
    )
    if not aspect or aspect[0] == aspect[1] or 0 in aspect:
        return []
    return [f"the shape of its pixels ({aspect[0]} to {aspect[1]})"]


def _dpi(stored: Image.Image, orientation: int) -> tuple[float, ...]:
    if stored.format == "TIFF" and _RESOLUTION_TAG not in stored.tag_v2:  # type: ignore[attr-defined]
        return ()  # where a TIFF does not say, Pillow says 1
    try:
        dpi = tuple(float(value) for value in stored.info["dpi"])
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return ()
    known = len(dpi) == 2 and all(math.isfinite(value) and 1 <= value < 65_536 for value in dpi)
    return dpi[:: -1 if orientation > 4 else 1] if known else ()

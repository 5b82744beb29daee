"""What was gathered of a photograph, put into the file that is written; what has no place there is reported."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any, BinaryIO

from PIL import PngImagePlugin

from splpaint.images.containers import (
    EXIF_PREFIX,
    IPTC_TAG,
    XMP_TAG,
    PngText,
    add_tags,
    text_chunk,
    without_tag,
)
from splpaint.images.formats import AVIF, JPEG, PNG, TIFF, Format
from splpaint.images.metadata import IPTC_RESOURCE, XMP_KEYWORD
from splpaint.notices import tell

__all__ = ["add_metadata", "save_options"]

_WORDS = {
    "icc_profile": "colour profile",
    "exif": "EXIF data",
    "xmp": "XMP data",
    "iptc": "captions (IPTC)",
    "dpi": "resolution",
    "text": "texts",
    "colour_space": "gamma and primaries",
}
_TIFF_TAGS = {"xmp": XMP_TAG, "iptc": IPTC_TAG}
_ORIENTATION_TAG = 0x0112
_SRGB = {
    b"gAMA": struct.pack(">I", 45_455),
    b"cHRM": struct.pack(">8I", 31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000),
}


def save_options(metadata: dict[str, Any], format: Format) -> dict[str, Any]:
    """Turn metadata into options of Pillow's writer; ``add_metadata`` writes the rest.

    Args:
        metadata: From ``metadata_of``.
        format: The one that is written.

    A ``PictureWarning`` tells of what the format has no place for.
    """
    options = {key: value for key, value in metadata.items() if key in format.metadata}
    for key, limit in format.most_bytes.items():
        if len(options.get(key, b"")) > limit:
            tell(f"the {_WORDS[key]} are too long for a {format.name}: left out")
            del options[key]
    homeless = metadata.keys() - format.metadata
    if lost := [_WORDS[key] for key in homeless if not _goes_without_saying(key, metadata)]:
        tell(f"{format.name} has no place for the {', '.join(sorted(lost))} that the picture has: left out")
    if "iptc" in options:
        options |= {"extra": _photoshop_segment(options.pop("iptc"))} if format is JPEG else {}
    if format is PNG:
        texts, xmp = options.pop("text", ()), options.pop("xmp", b"")
        written = [*texts, PngText(XMP_KEYWORD, xmp, international=True)] if xmp else texts
        options["pnginfo"] = _png_info(written, options.pop("colour_space", {}))
    if format is AVIF and "exif" in options:  # with an orientation, Pillow would rewrite all of it
        options["exif"] = without_tag(options["exif"].removeprefix(EXIF_PREFIX), _ORIENTATION_TAG)
    for key in ("exif", "xmp", "iptc") if format is TIFF else ():
        options.pop(key, None)
    return options


def add_metadata(file: BinaryIO, metadata: dict[str, Any], format: Format) -> None:
    """Add to an encoded picture what Pillow's writer cannot write.

    Args:
        file: The picture, written with ``save_options``, for reading and writing; any position.
        metadata: From ``metadata_of``.
        format: Its format.
    """
    others = {tag: metadata[key] for key, tag in _TIFF_TAGS.items() if key in metadata}
    if format is TIFF and ("exif" in metadata or others):
        add_tags(file, metadata.get("exif", b"").removeprefix(EXIF_PREFIX), others)


def _goes_without_saying(key: str, metadata: dict[str, Any]) -> bool:
    if key == "colour_space":  # as every reader takes it, or as a profile says better
        said = metadata[key]
        usual = b"sRGB" in said or all(_SRGB.get(chunk) == value for chunk, value in said.items())
        return b"cICP" not in said and ("icc_profile" in metadata or usual)
    return key == "dpi" and "exif" in metadata  # which has it, too


def _photoshop_segment(iptc: bytes) -> bytes:
    padded = iptc + b"\0" * (len(iptc) % 2)
    block = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HHI", IPTC_RESOURCE, 0, len(iptc)) + padded
    return b"\xff\xed" + struct.pack(">H", 2 + len(block)) + block


def _png_info(texts: Iterable[PngText], colour_space: dict[bytes, bytes]) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for kind, data in (*colour_space.items(), *map(text_chunk, texts)):
        info.add(kind, data)
    return info

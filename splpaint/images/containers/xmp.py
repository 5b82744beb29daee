"""XMP (ISO 16684-1) of a picture that was painted and turned upright: only what is wrong now changes.

Left out is what shows the picture before, and what claims parts of the file that are gone: a gain map, video, depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["FittedXmp", "fitted_xmp"]

_ALL = rb"[\w.-]+"
_GONE = {  # the customary prefixes, how the addresses of their namespaces begin, and which properties go
    rb"hdrgm": (rb"http://ns\.adobe\.com/hdr-gain-map/", _ALL),
    rb"HDRGainMap": (rb"http://ns\.apple\.com/(?:HDRGainMap|HDRToneMap|depthData)/", _ALL),
    rb"Container|Item|GDepth|GImage|GAudio": (
        rb"http://ns\.google\.com/photos/1\.0/(?:container|depthmap|image|audio)/",
        _ALL,
    ),
    rb"Device|Profile": (rb"http://ns\.google\.com/photos/dd/", _ALL),
    rb"GCamera": (rb"http://ns\.google\.com/photos/1\.0/camera/", rb"(?:MotionPhoto|MicroVideo)\w*"),
    rb"OpCamera": (rb"http://ns\.oplus\.com/photos/1\.0/camera/", _ALL),
    rb"xmpNote": (rb"http://ns\.adobe\.com/xmp/note/", rb"HasExtendedXMP"),
    rb"xmp|xap": (rb"http://ns\.adobe\.com/xap/1\.0/", rb"Thumbnails"),
}
_GONE_IF_TURNED = {  # where faces and things are
    rb"mwg-rs": (rb"http://www\.metadataworkinggroup\.com/schemas/regions/", rb"Regions"),
    rb"MP": (rb"http://ns\.microsoft\.com/photo/1\.2/", rb"RegionInfo"),
}
_DECLARATION = re.compile(rb"\sxmlns:([\w.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TAG = re.compile(rb"<(/?)([\w.-]+:[\w.-]+)[^<>]*?(/?)>")
_ORIENTATION = re.compile(rb"(tiff:Orientation(?:\s*=\s*[\"']|>))[2-8]")
_WIDTH = re.compile(rb"((?:tiff:ImageWidth|exif:PixelXDimension)(?:\s*=\s*[\"']|>))\d+")
_HEIGHT = re.compile(rb"((?:tiff:ImageLength|exif:PixelYDimension)(?:\s*=\s*[\"']|>))\d+")
_TURNED = {5, 6, 7, 8}


class FittedXmp(NamedTuple):
    """XMP that fits the picture.

    Attributes:
        data: The packet.
        left_out: Whether more was wrong than that the picture has to be turned.
    """

    data: bytes
    left_out: bool


def fitted_xmp(data: bytes, size: tuple[int, int], orientation: int) -> FittedXmp:
    """Make XMP fit a picture that was painted and turned upright.

    Args:
        data: The packet, in UTF-8.
        size: Width and height in pixels, upright.
        orientation: By which it was turned, 1 (not at all) to 8.
    """
    upright = _ORIENTATION.sub(rb"\g<1>1", data)
    if orientation in _TURNED:
        width, height = (rb"\g<1>%d" % side for side in size)
        upright = _HEIGHT.sub(height, _WIDTH.sub(width, upright))
    gone = re.compile(b"|".join(_properties(upright, _GONE | (_GONE_IF_TURNED if orientation != 1 else {}))))
    without = b"".join(_outside(upright, gone))
    without = re.sub(rb"\s(?:%b)\s*=\s*(?:\"[^\"]*\"|'[^']*')" % gone.pattern, b"", without)
    if without == upright:
        return FittedXmp(upright, False)
    return FittedXmp(_without_idle_declarations(without), True)


def _properties(data: bytes, gone: dict[bytes, tuple[bytes, bytes]]) -> Iterator[bytes]:
    # As patterns, by the prefixes that the packet declares, or the customary ones that it does not.
    addresses = {found[1]: found[2] or found[3] or b"" for found in _DECLARATION.finditer(data)}
    for customary, (address, names) in gone.items():
        prefixes = {prefix for prefix, found in addresses.items() if re.match(address, found)}
        prefixes |= set(customary.split(b"|")) - addresses.keys()
        yield rb"(?:%b):%b" % (b"|".join(map(re.escape, sorted(prefixes))), names)


def _outside(data: bytes, gone: re.Pattern[bytes]) -> Iterator[bytes]:
    # All but the elements with these names; one that is not closed stays.
    place, name, depth = 0, b"", 0
    for tag in _TAG.finditer(data):
        if depth == 0 and not tag[1] and gone.fullmatch(tag[2]):
            yield data[place : tag.start()]
            place, name = tag.start(), tag[2]
        elif depth == 0 or tag[2] != name:
            continue
        depth += -1 if tag[1] else not tag[3]
        if depth == 0:
            place = tag.end()
    yield data[place:]


def _without_idle_declarations(data: bytes) -> bytes:
    def kept(found: re.Match[bytes]) -> bytes:
        ours = any(re.match(address, found[2] or found[3] or b"") for address, _ in _GONE.values())
        return b"" if ours and found[1] not in used else found[0]

    used = {prefix for prefix in re.findall(rb"[\s</]([\w.-]+):[\w.-]+", data) if prefix != b"xmlns"}
    return _DECLARATION.sub(kept, data)

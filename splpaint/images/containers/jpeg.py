"""The structure of a JPEG (ITU-T T.81, annex B): segments, scans, and what lies behind the picture's end.

A JPEG may hold more than its picture: a map of what to brighten on a bright screen, the seconds of video around the
shot, depth. All that shows the picture before it was painted.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["JPEG_END", "cut_jpeg", "embedded_jpegs", "parts_beside_picture"]

JPEG_END = b"\xff\xd9"
_START, _END, _SCAN, _WITHOUT_DATA = b"\xff\xd8", 0xD9, 0xDA, {0x01, 0xD9}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_APPLICATIONS = range(0xE0, 0xF0)
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")  # FF 00 is one byte of data, and FF D0 to D7 divide it
_NOT_ZERO = re.compile(rb"[^\0]")
_MOST_EMBEDDED = 64
_LETTERS = re.compile(rb"[\x21-\x7e]{2,12}")

_GAIN_MAP, _VIDEO, _PICTURE = "an HDR gain map", "a motion photo's video", "another picture"
_GAIN_MAP_CLAIMS = (b"http://ns.adobe.com/hdr-gain-map/1.0/", b"http://ns.apple.com/HDRGainMap/1.0/")
_GAIN_MAP_SEGMENT = b"urn:iso:std:iso:ts:21496:-1\0"
_KNOWN = (  # beginnings of application segments; without a name: kept, or told of elsewhere
    *((b"JFIF\0", ""), (b"Exif\0\0", ""), (b"http://ns.adobe.com/xap/1.0/\0", ""), (b"ICC_PROFILE\0", "")),
    *((b"Adobe", ""), (b"MPF\0", ""), (b"Photoshop 3.0\0", ""), (_GAIN_MAP_SEGMENT, _GAIN_MAP)),
    (b"http://ns.adobe.com/xmp/extension/\0", "extended XMP"),
    (b"JFXX\0", "a thumbnail"),
    (b"FPXR\0", "FlashPix data"),
    (b"JP", "content credentials"),
    (b"Ducky", "notes of Photoshop's export"),
)


class _Segment(NamedTuple):
    """One marker with its data, and where it ends."""

    marker: int
    data: bytes
    end: int


def parts_beside_picture(data: bytes) -> list[str]:
    """Name what a JPEG holds besides its picture, its EXIF data, XMP, profile, captions and comment.

    Args:
        data: The whole file; if it is cut short, what is there is named.
    """
    names: list[str] = []
    claims_gain_map = False
    try:
        for segment in _walk(data, 0):
            if segment.marker in _APPLICATIONS:
                names.append(_name_of(segment))
                claims_gain_map = claims_gain_map or any(claim in segment.data for claim in _GAIN_MAP_CLAIMS)
            if segment.marker == _END:
                names += _names_behind(data, segment.end, claims_gain_map)
    except ValueError:
        pass
    return [*dict.fromkeys(filter(None, names))]


def cut_jpeg(data: bytes) -> bytes | None:
    """Where a JPEG was cut short within its picture, what is there of whole segments and of the last scan.

    Returns:
        None: it has its end, or nothing of its picture.
    """
    segments = []
    try:
        for segment in _walk(data, 0):
            segments.append(segment)
    except ValueError:
        if _SCAN not in {segment.marker for segment in segments}:
            return None
    else:
        return None
    following = _MARKER.search(data, segments[-1].end)
    return data[: following.start() if following else None].rstrip(b"\xff")


def embedded_jpegs(data: bytes) -> Iterator[tuple[int, int]]:
    """Find whole JPEGs within other data: where each begins and ends."""
    place = 0
    for _ in range(_MOST_EMBEDDED):
        if (start := data.find(_START + b"\xff", place)) < 0:
            return
        place = start + 2
        with contextlib.suppress(ValueError):
            segments = [*_walk(data, start)]
            if {_SCAN, *_FRAMES} & {segment.marker for segment in segments} > {_SCAN}:
                place = segments[-1].end
                yield start, place


def _walk(data: bytes, start: int) -> Iterator[_Segment]:
    # Up to the picture's end; what lies between segments is passed over.
    if data[start : start + 2] != _START:
        raise ValueError("no JPEG")
    place, marker = start + 2, 0
    while marker != _END:
        found = _MARKER.search(data, place)
        if found is None or found[1] == _START[1:]:
            raise ValueError("it has no end")
        place, marker = found.end(), found[1][0]
        size = 0 if marker in _WITHOUT_DATA else int.from_bytes(data[place : place + 2])
        if place + size > len(data):
            raise ValueError("a segment is cut short")
        yield _Segment(marker, data[place + 2 : place + size], place + size)
        place += size


def _name_of(segment: _Segment) -> str:
    for beginning, name in _KNOWN:
        if segment.data.startswith(beginning):
            return name
    letters = _LETTERS.match(segment.data)
    return f"APP{segment.marker - _APPLICATIONS[0]}" + (f" ({letters[0].decode()})" if letters else "")


def _names_behind(data: bytes, place: int, claims_gain_map: bool) -> Iterator[str]:
    while filled := _NOT_ZERO.search(data, place):
        place = filled.start()
        try:
            segments = [*_walk(data, place)]
        except ValueError:
            # A video may begin with a few zeros; some makers put a heading before it.
            yield (
                _VIDEO
                if data.find(b"ftyp", max(place - 4, 0)) >= 0
                else f"{len(data) - place} bytes behind its end"
            )
            return
        says_so = any(segment.data.startswith(_GAIN_MAP_SEGMENT) for segment in segments)
        yield _GAIN_MAP if claims_gain_map or says_so else _PICTURE
        place, claims_gain_map = segments[-1].end, False

"""The chunks of a WebP (RFC 9649, sec. 2): names of four letters, sizes, data, filled up to an even number of bytes."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["is_lossless_webp", "parts_beside_webp"]

_HEADER_BYTES = 12  # "RIFF", the size, "WEBP"
_LOSSY, _LOSSLESS = b"VP8 ", b"VP8L"
_KNOWN = {_LOSSY, _LOSSLESS, b"VP8X", b"ALPH", b"ICCP", b"EXIF", b"XMP "}


def is_lossless_webp(data: bytes) -> bool:
    """Whether a WebP's picture is compressed without loss."""
    return next((kind for kind, _ in _chunks(data) if kind in {_LOSSY, _LOSSLESS}), b"") == _LOSSLESS


def parts_beside_webp(data: bytes) -> list[str]:
    """Name what a WebP holds besides its picture, profile, EXIF data and XMP."""
    names, end = [], _HEADER_BYTES
    for kind, end in _chunks(data):  # noqa: B007
        if kind not in _KNOWN:
            names.append(f"the chunk {kind.decode('latin-1').strip()}")
    behind = len(data) - end
    return [*dict.fromkeys(names), *([f"{behind} bytes behind its end"] if behind > 0 else [])]


def _chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    # The name of each and where it ends.
    place, whole = _HEADER_BYTES, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while place + 8 <= whole:
        kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
        yield kind, place

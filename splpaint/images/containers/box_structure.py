"""The boxes of which HEIF, AVIF, JPEG 2000 and JPEG XL files are made (ISO/IEC 14496-12, sec. 4.2)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

__all__ = ["Box", "boxes", "find_boxes"]

_OWN_BYTES = {b"meta": 4, b"iinf": 6}  # of boxes that begin with more than the boxes within
_MOST_BOXES = 10_000


class Box(NamedTuple):
    """A box.

    Attributes:
        kind: Its four letters.
        start: Where its data begin.
        end: Where they end.
    """

    kind: bytes
    start: int
    end: int


def boxes(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Walk boxes beside each other, as far as they are inside the file.

    Args:
        file: Any position.
        start: Where the first one begins.
        end: Where the last one ends; default: the end of the file.
    """
    end = file.seek(0, io.SEEK_END) if end is None else end
    for _ in range(_MOST_BOXES):
        file.seek(start)
        head = file.read(16)
        size, kind, data = int.from_bytes(head[:4]), head[4:8], start + 8
        if size == 1:
            size, data = int.from_bytes(head[8:16]), start + 16
        following = end if size == 0 else start + size
        if len(kind) < 4 or not data <= following <= end:
            return
        yield Box(kind, data, following)
        start = following


def find_boxes(file: BinaryIO, *path: bytes) -> Iterator[Box]:
    """Find the boxes of a kind that lie within others.

    Args:
        file: Any position.
        path: Kinds from the outermost to the one that is looked for.
    """
    yield from _find(file, 0, None, path)


def _find(file: BinaryIO, start: int, end: int | None, path: tuple[bytes, ...]) -> Iterator[Box]:
    for box in boxes(file, start, end):
        if box.kind == path[0] and len(path) == 1:
            yield box
        elif box.kind == path[0]:
            yield from _find(file, box.start + _OWN_BYTES.get(box.kind, 0), box.end, path[1:])

"""The chunks of a PNG (W3C PNG, third edition, sec. 5), held against the file and their checksums."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from splpaint.errors import DamagedError

__all__ = ["PNG_SIGNATURE", "Chunk", "is_png", "png_chunks"]

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_READ_AT_ONCE = 1 << 20


class Chunk(NamedTuple):
    """A chunk of a PNG.

    Attributes:
        kind: Its four letters.
        start: Where it begins in the file: its length, kind, data, checksum.
        size: Bytes of its data.
        sound: Whether its checksum is right.
    """

    kind: bytes
    start: int
    size: int
    sound: bool

    @property
    def name(self) -> str:
        """Its letters as text."""
        return self.kind.decode("latin-1")

    @property
    def critical(self) -> bool:
        """Whether a picture cannot do without it."""
        return not self.kind[0] & 0x20

    def data(self, file: BinaryIO) -> bytes:
        """Its data, all at once."""
        file.seek(self.start + 8)
        return file.read(self.size)


def is_png(head: bytes) -> bool:
    """Whether a file that begins so is a PNG."""
    return head.startswith(PNG_SIGNATURE)


def png_chunks(file: BinaryIO, path: str | Path) -> Iterator[Chunk]:
    """Walk the chunks up to IEND; at most one mebibyte of them is in memory.

    Args:
        file: Any position.
        path: Its name, for messages.

    Raises:
        DamagedError: A chunk does not fit into the file, or IEND is missing.
    """
    file_bytes = file.seek(0, io.SEEK_END)
    place, kind = len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        file.seek(place)
        head = file.read(8)
        size, kind = int.from_bytes(head[:4]), head[4:]
        if len(head) < 8 or place + 12 + size > file_bytes:
            name = f"the chunk {kind.decode('latin-1')!r} at byte {place}" if len(head) == 8 else "its end"
            raise DamagedError(
                f"{path} is damaged or cut short ({name} is not all there); get an undamaged copy of it"
            )
        checksum, left = zlib.crc32(kind), size
        while left:
            data = file.read(min(left, _READ_AT_ONCE))
            checksum, left = zlib.crc32(data, checksum), left - len(data)
        yield Chunk(kind, place, size, int.from_bytes(file.read(4)) == checksum)
        place += 12 + size

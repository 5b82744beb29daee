"""The structure of a PNG (W3C PNG, third edition, sec. 5): chunks, held against the file and their checksums.

A decoder that finds a wrong checksum in a chunk that does not matter gives the whole picture up, and one that is told
of a chunk of gigabytes makes room for it. So the chunks are walked before a decoder sees the file: what is wrong in a
chunk that a picture can do without is left out, and said; what is wrong elsewhere is an error that names the chunk.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from splpaint.errors import InputError
from splpaint.notices import tell

__all__ = ["Chunk", "is_png", "png_chunks", "sound_png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE_COLOURS = 3
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
    return head.startswith(_SIGNATURE)


def png_chunks(file: BinaryIO, path: str | Path) -> Iterator[Chunk]:
    """Walk the chunks up to IEND; at most one mebibyte of them is in memory.

    Args:
        file: Any position.
        path: Its name, for messages.

    Raises:
        InputError: A chunk does not fit into the file, or IEND is missing.
    """
    file_bytes = file.seek(0, io.SEEK_END)
    place, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        file.seek(place)
        head = file.read(8)
        size, kind = int.from_bytes(head[:4]), head[4:]
        if len(head) < 8 or place + 12 + size > file_bytes:
            name = f"the chunk {kind.decode('latin-1')!r} at byte {place}" if len(head) == 8 else "its end"
            raise InputError(
                f"{path} is damaged or cut short ({name} is not all there); get an undamaged copy of it"
            )
        checksum, left = zlib.crc32(kind), size
        while left:
            data = file.read(min(left, _READ_AT_ONCE))
            checksum, left = zlib.crc32(data, checksum), left - len(data)
        yield Chunk(kind, place, size, int.from_bytes(file.read(4)) == checksum)
        place += 12 + size


def sound_png(file: BinaryIO, path: str | Path) -> BinaryIO:
    """Give a decoder what it can read of a PNG.

    Args:
        file: Any position.
        path: Its name, for messages.

    Returns:
        The file at its start; or one in memory without the ancillary chunks whose checksums are wrong, of which a
        ``PictureWarning`` tells.

    Raises:
        InputError: As ``png_chunks``; or a critical chunk has a wrong checksum, or is missing.
    """
    chunks = list(png_chunks(file, path))
    for chunk in chunks:
        if chunk.critical and not chunk.sound:
            raise InputError(
                f"{path} is damaged (the checksum of its chunk {chunk.name} at byte {chunk.start} is wrong); get an "
                "undamaged copy of it"
            )
    _require_all(file, chunks, path)
    spoilt = [chunk for chunk in chunks if not chunk.sound]
    if spoilt:
        names = ", ".join(sorted({chunk.name for chunk in spoilt}))
        tell(f"{path} has wrong checksums in {names}: these are left out; the picture itself is whole")
        file = io.BytesIO(_without(file, chunks, spoilt))
    file.seek(0)
    return file


def _require_all(file: BinaryIO, chunks: list[Chunk], path: str | Path) -> None:
    kinds = [chunk.kind for chunk in chunks]
    if not kinds or kinds[0] != b"IHDR" or chunks[0].size != 13:
        raise InputError(
            f"{path} is damaged (it does not begin with its header); get an undamaged copy of it"
        )
    file.seek(chunks[0].start + 17)
    colours = file.read(1)[0]
    missing = "its pixels (IDAT)" if b"IDAT" not in kinds else ""
    if colours == _PALETTE_COLOURS and b"PLTE" not in kinds:
        missing = "its palette (PLTE)"
    if missing:
        raise InputError(f"{path} is damaged ({missing} is missing); get an undamaged copy of it")


def _without(file: BinaryIO, chunks: list[Chunk], spoilt: list[Chunk]) -> bytes:
    kept = [_SIGNATURE]
    for chunk in chunks:
        if chunk not in spoilt:
            file.seek(chunk.start)
            kept.append(file.read(12 + chunk.size))
    return b"".join(kept)

"""A PNG as a decoder can read it: its chunks are walked before one sees the file.

A decoder that finds a wrong checksum in a chunk that does not matter gives the whole picture up, as with a text or
colour profile of more than a mebibyte; and one that is told of a chunk of gigabytes makes room for it. So what is wrong
in a chunk that a picture can do without is left out, and said, and long texts are read by ourselves; what is wrong
elsewhere is an error that names the chunk.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from splpaint.errors import DamagedError, InputError
from splpaint.images.containers.png_structure import PNG_SIGNATURE, Chunk, png_chunks
from splpaint.images.containers.png_texts import is_long
from splpaint.notices import tell

__all__ = ["sound_png"]

_PALETTE_COLOURS = 3
_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}


def sound_png(file: BinaryIO, path: str | Path) -> BinaryIO:
    """Give a decoder what it can read of a PNG.

    Args:
        file: Any position.
        path: Its name, for messages.

    Returns:
        The file at its start; or one in memory without long texts, and without the ancillary chunks whose checksums
        are wrong, of which a ``PictureWarning`` tells.

    Raises:
        InputError: As ``png_chunks``; or a critical chunk has a wrong checksum, is missing, unknown, there twice or in
            the wrong place.
    """
    chunks = list(png_chunks(file, path))
    for chunk in chunks:
        if chunk.critical and not chunk.sound:
            error = DamagedError if chunk.kind == b"IDAT" else InputError
            raise error(
                f"{path} is damaged (the checksum of its chunk {chunk.name} at byte {chunk.start} is wrong); get an "
                "undamaged copy of it"
            )
    _require_all(file, chunks, path)
    spoilt = [chunk for chunk in chunks if not chunk.sound]
    if spoilt:
        names = ", ".join(sorted({chunk.name for chunk in spoilt}))
        tell(f"{path} has wrong checksums in {names}: these are left out; the picture itself is whole")
    spoilt += [chunk for chunk in chunks if chunk.sound and is_long(chunk, file)]
    if spoilt:
        file = io.BytesIO(_without(file, chunks, spoilt))
    file.seek(0)
    return file


def _require_all(file: BinaryIO, chunks: list[Chunk], path: str | Path) -> None:
    kinds = [chunk.kind for chunk in chunks]
    if not kinds or kinds[0] != b"IHDR" or chunks[0].size != 13:
        raise _damaged(path, "it does not begin with its header")
    if unknown := [chunk.name for chunk in chunks if chunk.critical and chunk.kind not in _CRITICAL]:
        raise InputError(
            f"{path} needs a reader that knows its chunk {unknown[0]!a}, which no standard has; save it as a plain PNG"
        )
    for kind, what in ((b"IHDR", "its header (IHDR)"), (b"PLTE", "its palette (PLTE)")):
        if kinds.count(kind) > 1:
            raise _damaged(path, f"{what} is there {kinds.count(kind)} times")
    if b"IDAT" not in kinds:
        raise _damaged(path, "its pixels (IDAT) are missing")
    _require_palette(chunks[0].data(file)[9], chunks[: kinds.index(b"IDAT")], path)


def _require_palette(colours: int, before_pixels: list[Chunk], path: str | Path) -> None:
    sizes = [chunk.size for chunk in before_pixels if chunk.kind == b"PLTE"]
    if colours == _PALETTE_COLOURS and not sizes:
        raise _damaged(path, "its palette (PLTE) is missing before its pixels")
    if colours == _PALETTE_COLOURS and (sizes[0] % 3 or not 3 <= sizes[0] <= 3 * 256):
        raise _damaged(
            path, f"its palette (PLTE) has {sizes[0]} bytes instead of 3 for each of 1 to 256 colours"
        )


def _damaged(path: str | Path, reason: str) -> InputError:
    return InputError(f"{path} is damaged ({reason}); get an undamaged copy of it")


def _without(file: BinaryIO, chunks: list[Chunk], spoilt: list[Chunk]) -> bytes:
    kept = [PNG_SIGNATURE]
    for chunk in chunks:
        if chunk not in spoilt:
            file.seek(chunk.start)
            kept.append(file.read(12 + chunk.size))
    return b"".join(kept)

"""The texts and the colour profile of a PNG (W3C PNG, third edition, sec. 11.3.2.3 and 11.3.3), within bounds.

Readers take no text and no profile that is compressed and has more than a mebibyte. So longer texts are written
uncompressed, and such a profile, which cannot be, is not written.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

from splpaint.images.containers.png_structure import Chunk
from splpaint.notices import tell

__all__ = ["MOST_PROFILE_BYTES", "PngText", "PngTexts", "is_long", "read_texts", "text_chunk"]

MOST_PROFILE_BYTES = 1 << 20
"""Of a colour profile that readers of PNG take."""

_MOST_COMPRESSED_BYTES = 1 << 20  # of a text, for readers
_WORTH_COMPRESSING_BYTES = 1 << 10
_MOST_BYTES = 1 << 24  # of one that is read
_MOST_BYTES_TOGETHER = 3 << 24  # readers take 64 MiB
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_PROFILE = b"iCCP"


class PngText(NamedTuple):
    """A text with its keyword.

    Attributes:
        keyword: In Latin-1.
        data: The text: in Latin-1, or, if it is international, in UTF-8.
        international: Whether it is; the next two say more of it, then.
        language: As RFC 3066 has it.
        translated: The keyword in that language, in UTF-8.
    """

    keyword: bytes
    data: bytes
    international: bool = False
    language: bytes = b""
    translated: bytes = b""

    @property
    def name(self) -> str:
        """The keyword."""
        return self.keyword.decode("latin-1")


class PngTexts(NamedTuple):
    """Texts in their order, and the colour profile, empty if there is none."""

    texts: list[PngText]
    profile: bytes


def read_texts(file: BinaryIO, chunks: Iterable[Chunk]) -> PngTexts:
    """Read all texts and the profile; a ``PictureWarning`` tells of those that are damaged or too long.

    Args:
        file: A PNG; any position.
        chunks: Its chunks.
    """
    texts, profile, lost, left = [], b"", [], _MOST_BYTES_TOGETHER
    for chunk in chunks:
        if not chunk.sound or chunk.kind not in {*_TEXTS, _PROFILE}:
            continue
        text = _text_of(chunk, chunk.data(file) if chunk.size <= _MOST_BYTES else b"")
        if text is None or len(text.data) > left:
            lost.append(chunk.name)
        elif chunk.kind == _PROFILE:
            profile = text.data
        else:
            texts.append(text)
            left -= len(text.data)
    if lost:
        tell(f"left out of the PNG, since they are damaged or too long: {', '.join(lost)}")
    return PngTexts(texts, profile)


def text_chunk(text: PngText) -> tuple[bytes, bytes]:
    """Encode a text, so that any reader can read it.

    Returns:
        The chunk's kind and its data.
    """
    compressed = _WORTH_COMPRESSING_BYTES < len(text.data) <= _MOST_COMPRESSED_BYTES
    data = zlib.compress(text.data) if compressed else text.data
    if text.international:
        flags = bytes([compressed, 0])
        return b"iTXt", text.keyword + b"\0" + flags + text.language + b"\0" + text.translated + b"\0" + data
    return (b"zTXt", text.keyword + b"\0\0" + data) if compressed else (b"tEXt", text.keyword + b"\0" + data)


def is_long(chunk: Chunk, file: BinaryIO) -> bool:
    """Whether a chunk is a text or profile that decoders may refuse, or damaged."""
    if chunk.kind not in {*_TEXTS, _PROFILE}:
        return False
    if chunk.size > _MOST_COMPRESSED_BYTES:
        return True
    text = _text_of(chunk, chunk.data(file))
    return text is None or len(text.data) > _MOST_COMPRESSED_BYTES


def _text_of(chunk: Chunk, data: bytes) -> PngText | None:
    keyword, there, rest = data.partition(b"\0")
    if not there:
        return None
    if chunk.kind == b"tEXt":
        return PngText(keyword, rest)
    if chunk.kind in {b"zTXt", _PROFILE}:
        inflated = _inflated(rest[1:]) if rest[:1] == b"\0" else None
        return None if inflated is None else PngText(keyword, inflated)
    flags, (language, _, rest) = rest[:2], rest[2:].partition(b"\0")
    translated, there, packed = rest.partition(b"\0")
    inflated = packed if flags[:1] == b"\0" else _inflated(packed) if flags == b"\1\0" else None
    return PngText(keyword, inflated, True, language, translated) if there and inflated is not None else None


def _inflated(data: bytes) -> bytes | None:
    # None: it is damaged or too long.
    stream = zlib.decompressobj()
    try:
        inflated = stream.decompress(data, _MOST_BYTES)
    except zlib.error:
        return None
    return inflated if stream.eof else None

"""Damage done to files: to their bytes, or to their pieces so that lengths and checksums stay right."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["damage_bytes", "damage_pieces", "damage_text"]

PNG, JPEG, RIFF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF"
START_OF_SCAN = 0xDA
NUMBERS = (0, 1, 2, 255, 256, 0xFFFF, 0x10000, 0x01000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def damage_bytes(data: bytes, chosen: random.Random) -> bytes:
    """Change, cut, remove, repeat or blank bytes anywhere."""
    changed = bytearray(data)
    for _ in range(chosen.choice((1, 1, 2, 4))):
        if len(changed) > 8:
            chosen.choice(BYTE_CHANGES)(changed, chosen)
    return bytes(changed)


def change_bytes(data: bytearray, chosen: random.Random) -> None:
    """Up to four of them, anywhere or near the beginning."""
    for _ in range(chosen.randint(1, 4)):
        end = len(data) if chosen.random() < 0.5 else min(len(data), 200)
        data[chosen.randrange(end)] = chosen.choice((0, 1, 127, 128, 255, chosen.randrange(256)))


def change_number(data: bytearray, chosen: random.Random) -> None:
    """Two or four bytes that may be a length, a count or an offset."""
    size = chosen.choice((2, 4))
    place = chosen.randrange(max(1, len(data) - size))
    number = chosen.choice((*NUMBERS, len(data), chosen.getrandbits(32))) % (1 << 8 * size)
    data[place : place + size] = number.to_bytes(size, chosen.choice(("big", "little")))


def cut(data: bytearray, chosen: random.Random) -> None:
    """What is behind a place."""
    del data[chosen.randrange(8, len(data)) :]


def remove(data: bytearray, chosen: random.Random) -> None:
    """Some bytes in between."""
    place = chosen.randrange(len(data))
    del data[place : place + chosen.randint(1, 64)]


def repeat(data: bytearray, chosen: random.Random) -> None:
    """Some bytes."""
    place = chosen.randrange(len(data))
    data[place:place] = data[place : place + chosen.randint(1, 64)]


def blank(data: bytearray, chosen: random.Random) -> None:
    """Some bytes become zeros."""
    place = chosen.randrange(len(data))
    size = min(chosen.randint(1, 64), len(data) - place)
    data[place : place + size] = bytes(size)


BYTE_CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(change_bytes, change_bytes, change_number, change_number, cut, remove, repeat, blank),
)


def damage_text(data: bytes, chosen: random.Random) -> bytes:
    """Change lists, tables and JSON as hands and programs do."""
    text = bytearray(data)
    for _ in range(chosen.randint(1, 3)):
        place = chosen.randrange(len(text) + 1)
        act = chosen.randrange(5)
        if act == 0:
            text[place : place + 1] = bytes([chosen.randrange(256)])
        elif act == 1:
            text[place:place] = chosen.choice(WORDS)
        elif act == 2:
            del text[place : place + chosen.randint(1, 20)]
        elif act == 3:
            del text[place:]
        else:
            text[place:place] = text[max(0, place - 30) : place]
    return bytes(text)


WORDS = (
    *(
        b"-",
        b"9" * 30,
        b'"',
        b"[",
        b"{",
        b"\0",
        b",",
        b"\n",
        b"\r",
        b"null",
        b"1e999",
        b"NaN",
        b"\xff",
        b"../",
    ),
    *(b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, "\ufeff".encode(), b"/etc/", b"a" * 5000),
)


class Piece(NamedTuple):
    """A chunk, segment or box.

    Attributes:
        name: Its type; empty: bytes as they are.
        content: Without type, length and checksum.
    """

    name: bytes
    content: bytes


def damage_pieces(data: bytes, other: bytes, chosen: random.Random) -> bytes:
    """Damage a PNG, JPEG, WebP, TIFF or file of boxes so that lengths and checksums stay right.

    Args:
        data: The file.
        other: Another one, pieces of which may get into it.
        chosen: Decides.
    """
    if data[:2] in {b"II", b"MM"}:
        return damage_entries(data, chosen)
    split, joined = container_of(data)
    pieces, others = split(data), split(other) if container_of(other)[0] is split else []
    for _ in range(chosen.choice((1, 1, 2, 3))):
        place = chosen.randrange(len(pieces))
        act = chosen.randrange(8)
        if act == 0:
            pieces.insert(chosen.randrange(len(pieces)), pieces[place])
        elif act == 1 and len(pieces) > 1:
            pieces.insert(chosen.randrange(len(pieces)), pieces.pop(place))
        elif act == 2 and len(pieces) > 1:
            del pieces[place]
        elif act == 3 and others:
            pieces[place] = chosen.choice(others)
        else:
            pieces[place] = pieces[place]._replace(content=damaged_content(pieces[place], chosen))
    return joined(pieces)


def damaged_content(piece: Piece, chosen: random.Random) -> bytes:
    """Damage what a piece holds; packed pixels of a PNG as often before they are packed as after."""
    if piece.name == b"IDAT" and chosen.random() < 0.5:
        try:
            return zlib.compress(damage_bytes(zlib.decompress(piece.content), chosen))
        except zlib.error:
            pass
    changed = bytearray(piece.content or bytes(9))
    chosen.choice(BYTE_CHANGES if len(changed) > 8 else (change_bytes, blank))(changed, chosen)
    return bytes(changed)


def container_of(data: bytes) -> tuple[Callable[[bytes], list[Piece]], Callable[[list[Piece]], bytes]]:
    """How its file is taken apart and put together."""
    if data.startswith(PNG):
        return chunks_of_png, png_of
    if data.startswith(JPEG):
        return segments_of_jpeg, jpeg_of
    if data.startswith(RIFF):
        return chunks_of_riff, riff_of
    if data[4:8] in {b"ftyp", b"jP  ", b"JXL "}:
        return boxes_of, file_of_boxes
    return lambda whole: [Piece(b"", whole)], lambda pieces: b"".join(piece.content for piece in pieces)


def chunks_of_png(data: bytes) -> list[Piece]:
    """Those of a sound one."""
    place, pieces = len(PNG), []
    while place < len(data):
        size = int.from_bytes(data[place : place + 4])
        pieces.append(Piece(data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += 12 + size
    return pieces


def png_of(pieces: list[Piece]) -> bytes:
    """With right checksums."""
    return PNG + b"".join(
        len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)
        for name, content in pieces
    )


def segments_of_jpeg(data: bytes) -> list[Piece]:
    """Up to the first scan; that and all behind it are the last one."""
    place, pieces = 2, []
    while data[place] == 0xFF and data[place + 1] != START_OF_SCAN:
        size = int.from_bytes(data[place + 2 : place + 4])
        pieces.append(Piece(data[place : place + 2], data[place + 4 : place + 2 + size]))
        place += 2 + size
    return [*pieces, Piece(b"", data[place:])]


def jpeg_of(pieces: list[Piece]) -> bytes:
    """With right lengths."""
    return JPEG + b"".join(
        name + (2 + len(content[:65533])).to_bytes(2) + content[:65533] if name else content
        for name, content in pieces
    )


def chunks_of_riff(data: bytes) -> list[Piece]:
    """Those of a sound WebP."""
    place, pieces = 12, []
    while place < len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        pieces.append(Piece(data[place : place + 4], data[place + 8 : place + 8 + size]))
        place += 8 + size + size % 2
    return pieces


def riff_of(pieces: list[Piece]) -> bytes:
    """With right lengths."""
    body = b"".join(
        name + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)
        for name, content in pieces
    )
    return RIFF + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body


def boxes_of(data: bytes) -> list[Piece]:
    """The outer ones."""
    place, pieces = 0, []
    while place < len(data):
        size = int.from_bytes(data[place : place + 4]) or len(data) - place
        pieces.append(Piece(data[place + 4 : place + 8], data[place + 8 : place + size]))
        place += max(8, size)
    return pieces


def file_of_boxes(pieces: list[Piece]) -> bytes:
    """With right lengths."""
    return b"".join((8 + len(content)).to_bytes(4) + name + content for name, content in pieces)


def damage_entries(data: bytes, chosen: random.Random) -> bytes:
    """Change the tag, type, count or value of some entries of a TIFF's first directory."""
    changed, order = bytearray(data), "<" if data[:2] == b"II" else ">"
    big = data[2:4] in {b"+\0", b"\0+"}
    width, entry = ("Q", 20) if big else ("I", 12)
    (start,) = struct.unpack_from(order + width, data, 8 if big else 4)
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, start)
    first = start + (8 if big else 2)
    for _ in range(chosen.choice((1, 1, 2, 3))):
        place = first + entry * chosen.randrange(count)
        tag, kind, number, value = struct.unpack_from(f"{order}HH{width}{width}", data, place)
        tag = chosen.choice((tag, tag, tag, chosen.choice(TIFF_TAGS)))
        kind = chosen.choice((kind, kind, chosen.randrange(19)))
        number = chosen.choice((number, number, number + 1, max(0, number - 1), chosen.choice(NUMBERS)))
        value = chosen.choice(
            (value, value + 1, max(0, value - 1), value << 16, value >> 1, chosen.choice(NUMBERS))
        )
        struct.pack_into(f"{order}HH{width}{width}", changed, place, tag, kind, number, value % (1 << 32))
    return bytes(changed)


TIFF_TAGS = (
    *(254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 318, 320, 322, 323, 324, 325),
    *(330, 332, 338, 339, 340, 347, 512, 529, 530, 531, 532, 700, 33723, 34377, 34665, 34675, 50706),
)

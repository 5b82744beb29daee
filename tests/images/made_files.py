"""Hypothesis strategies for files as people have them: made piece by piece, with what must come of each piece."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tifffile
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.images.containers.exif_writing import Entry, exif_data
from tests.images.containers.test_png import SIGNATURE, chunk

__all__ = ["MadeFile", "jpegs", "pngs", "tiffs"]

HEIGHT, WIDTH = 24, 32
_TURNS: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {  # by orientation
    1: lambda pixels: pixels,
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: np.swapaxes(pixels, 0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(np.swapaxes(pixels, 0, 1), 2),
    8: np.rot90,
}


class MadeFile(NamedTuple):
    """A file and what is to come of it.

    Attributes:
        suffix: Of its format.
        data: What it holds.
        pixels: As a viewer shows them.
        kept: What must be in the file that is written, by the names of ``metadata_of``; of EXIF data the tags.
        told: What must be told of, in words that the notes hold.
    """

    suffix: str
    data: bytes
    pixels: NDArray[Any]
    kept: dict[str, Any]
    told: frozenset[str]


class _Exif(NamedTuple):
    data: bytes
    tags: dict[int, bytes]
    orientation: int
    thumbnail: bool


_KINDS: list[tuple[type, int]] = [
    *((np.uint8, 1), (np.uint8, 3), (np.uint8, 4)),
    *((np.uint16, 1), (np.uint16, 3)),
]
_texts = st.text("abc äß=/", min_size=1, max_size=30)
_orientations = st.sampled_from([1, 1, 1, 2, 3, 4, 5, 6, 7, 8])


@st.composite
def _exifs(draw: st.DrawFn) -> _Exif:
    """Strings of any encoding, in any byte order, with an orientation and a thumbnail or without."""
    order = draw(st.sampled_from("<>"))
    names = st.sampled_from([0x010E, 0x010F, 0x013B, 0x8298, 0xC7A1])
    tags = draw(st.dictionaries(names, st.binary(min_size=1, max_size=20), max_size=3))
    orientation, thumbnail = draw(_orientations), draw(st.booleans())
    first: list[Entry] = [(tag, 2, len(value), value) for tag, value in sorted(tags.items())]
    first.insert(sum(tag < 0x0112 for tag in tags), (0x0112, 3, 1, struct.pack(order + "H", orientation)))
    notes = draw(st.binary(min_size=5, max_size=40))
    data = exif_data(
        first, [(0x927C, 7, len(notes), notes)], order=order, thumbnail=b"\xff\xd8thumb" * thumbnail
    )
    return _Exif(data, tags | {0x927C: notes}, orientation, thumbnail)


def _pixels(seed: int, kind: type, channels: int) -> NDArray[Any]:
    shape = (HEIGHT, WIDTH, channels) if channels > 1 else (HEIGHT, WIDTH)
    return np.random.default_rng(seed).integers(0, np.iinfo(kind).max, shape, kind, endpoint=True)


@st.composite
def pngs(draw: st.DrawFn) -> MadeFile:
    """Grey, RGB or RGBA, 8 or 16 bits, pixels in pieces, and chunks before and behind them, some spoilt."""
    kind, channels = draw(st.sampled_from(_KINDS))
    pixels = _pixels(draw(st.integers(0, 9)), kind, channels)
    kept: dict[str, Any] = {}
    told: set[str] = set()
    extras: list[tuple[bytes, bytes]] = []
    orientation = 1
    if draw(st.booleans()):
        exif = draw(_exifs())
        orientation, kept["exif"] = exif.orientation, exif.tags
        extras.append((b"eXIf", exif.data))
        told |= {"the thumbnail in the EXIF data"} if exif.thumbnail else set()
    if draw(st.booleans()):
        kept["icc_profile"] = draw(st.binary(min_size=1, max_size=99))
        extras.append((b"iCCP", b"x\0\0" + zlib.compress(kept["icc_profile"])))
    if draw(st.booleans()):
        kept["gamma"] = 0.5
        extras.append((b"gAMA", struct.pack(">I", 50_000)))
    kept["texts"] = [(f"Key{number}", text) for number, text in enumerate(draw(st.lists(_texts, max_size=3)))]
    for number, (key, text) in enumerate(kept["texts"]):
        packed = zlib.compress(text.encode()) if number % 2 else text.encode()
        extras.append((b"iTXt", key.encode() + b"\0" + bytes([number % 2, 0]) + b"\0\0" + packed))
    for unknown in draw(st.sets(st.sampled_from([b"tIME", b"caBX", b"prVt"]))):
        extras.append((unknown, b"1234567"))
        told.add(unknown.decode())
    behind = draw(
        st.lists(st.sampled_from([b"tEXt", b"zzZz"]), max_size=2, unique=True)
    )  # of wrong checksums
    told |= {name.decode() for name in behind}
    header = struct.pack(
        ">IIBBBBB", WIDTH, HEIGHT, 8 * pixels.itemsize, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0
    )
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(HEIGHT, -1).view(np.uint8)
    packed = zlib.compress(np.insert(rows, 0, 0, axis=1).tobytes())
    cut = draw(st.integers(0, len(packed)))
    whole = [chunk(b"IHDR", header), *(chunk(*each) for each in draw(st.permutations(extras)))]
    whole += [chunk(b"IDAT", packed[:cut]), chunk(b"IDAT", packed[cut:])]
    whole += [chunk(name, b"a\0b", spoilt=True) for name in behind] + [chunk(b"IEND", b"")]
    return MadeFile(".png", SIGNATURE + b"".join(whole), _TURNS[orientation](pixels), kept, frozenset(told))


@st.composite
def tiffs(draw: st.DrawFn) -> MadeFile:
    """Both byte orders, strips or tiles, compressed or not, tags of all types, and layers that must go."""
    kind, channels = draw(st.sampled_from(_KINDS))
    pixels = _pixels(draw(st.integers(0, 9)), kind, channels)
    orientation = draw(_orientations)
    tags = draw(st.dictionaries(st.integers(65_000, 65_010), st.sampled_from(_VALUES), max_size=4))
    tags |= {316: (2, 0, draw(st.text("abc 1", min_size=1, max_size=9)))}
    told: set[str] = set()
    extra = [(tag, *value, True) for tag, value in tags.items()] + [(274, 3, 1, orientation, True)]
    if draw(st.booleans()):
        extra.append((37724, 7, 6, b"layers", True))
        told.add("Photoshop's layers")
    options: dict[str, Any] = (
        {"tile": (16, 16)} if draw(st.booleans()) else {"rowsperstrip": draw(st.integers(1, 30))}
    )
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        pixels,
        byteorder=draw(st.sampled_from("<>")),
        photometric="minisblack" if channels == 1 else "rgb",
        extrasamples=["unassalpha"] if channels == 4 else None,
        compression=draw(st.sampled_from([None, "adobe_deflate"])),
        metadata=None,
        software=False,
        extratags=extra,
        **options,
    )
    return MadeFile(".tif", file.getvalue(), _TURNS[orientation](pixels), {"tags": tags}, frozenset(told))


_VALUES: list[tuple[int, int, Any]] = [
    *((1, 3, b"\1\2\3"), (3, 2, (1, 65_535)), (4, 1, 1 << 31), (5, 1, (1, 3)), (7, 5, b"\0\xff\0\xff\0")),
    *((8, 2, (-1, 2)), (9, 1, -70_000), (10, 1, (-1, 3)), (11, 1, 1.5), (12, 2, (0.1, -2.5))),
]


@st.composite
def jpegs(draw: st.DrawFn) -> MadeFile:
    """Grey or colours, progressive or not, with segments in any order and something behind the picture."""
    mode = draw(st.sampled_from(["RGB", "L"]))
    image = Image.fromarray(_pixels(draw(st.integers(0, 9)), np.uint8, 3)).convert(mode)
    kept: dict[str, Any] = {"comment": draw(st.binary(max_size=20))}
    told: set[str] = set()
    segments: list[tuple[int, bytes]] = []
    orientation = 1
    if draw(st.booleans()):
        exif = draw(_exifs())
        orientation, kept["exif"] = exif.orientation, exif.tags
        segments.append((1, b"Exif\0\0" + exif.data))
        told |= {"the thumbnail in the EXIF data"} if exif.thumbnail else set()
    if draw(st.booleans()):
        kept["icc_profile"] = draw(st.binary(min_size=1, max_size=99))
        segments.append((2, b"ICC_PROFILE\0\1\1" + kept["icc_profile"]))
    if draw(st.booleans()):
        claim = draw(st.sampled_from(["", ' hdrgm:Version="1.0"']))
        kept["xmp"] = f"<x:xmpmeta><rdf:Description dc:title='{draw(_texts)}'/></x:xmpmeta>"
        segments.append(
            (1, b"http://ns.adobe.com/xap/1.0/\0" + kept["xmp"].replace("'/>", f"'{claim}/>").encode())
        )
        told |= {"left out of the XMP data"} if claim else set()
    for number, body, words in draw(st.lists(st.sampled_from(_SEGMENTS), unique=True)):
        segments.append((number, body))
        told.add(words)
    behind, words = draw(
        st.sampled_from(
            [(b"", ""), (b"", ""), (b"\0\0", ""), (b"\0\0\0\x18ftypmp42", "video"), (b"SEF", "3 bytes")]
        )
    )
    told |= {words} if words else set()
    file = io.BytesIO()
    image.save(
        file,
        "JPEG",
        progressive=draw(st.booleans()),
        quality=draw(st.integers(30, 98)),
        comment=kept["comment"],
    )
    data = file.getvalue()
    made = b"".join(
        bytes([0xFF, 0xE0 + number]) + (2 + len(body)).to_bytes(2) + body
        for number, body in draw(st.permutations(segments))
    )
    with Image.open(io.BytesIO(data)) as decoded:
        pixels = _TURNS[orientation](np.asarray(decoded))
    after_header = 2 + 2 + int.from_bytes(data[4:6])
    whole = data[:after_header] + made + data[after_header:] + behind
    return MadeFile(".jpg", whole, pixels, kept, frozenset(told))


_BEHIND = [(b"", ""), (b"\0\0", ""), (b"\0\0\0\x18ftypmp42", "video"), (b"SEF", "3 bytes behind")]
_SEGMENTS = [
    (1, b"http://ns.adobe.com/xmp/extension/\0rest", "extended XMP"),
    (2, b"urn:iso:std:iso:ts:21496:-1\0", "an HDR gain map"),
    (4, b"SAMSUNG\0\1", "APP4 (SAMSUNG)"),
    (11, b"JP\0\1jumb", "content credentials"),
]

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from splpaint.errors import InputError
from splpaint.images import open_picture, read_mask
from splpaint.notices import PictureWarning, collected

CASES = Path(__file__).parents[2] / "cases" / "png"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)


def chunk(kind: bytes, body: bytes, *, spoilt: bool = False) -> bytes:
    checksum = zlib.crc32(kind + body) ^ spoilt
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def parts() -> list[tuple[bytes, bytes]]:
    """A PNG with a text, a resolution and its pixels in several chunks, as (kind, body)."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "somebody")
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "PNG", pnginfo=info, dpi=(72, 72))
    data, place, found = file.getvalue(), len(SIGNATURE), []
    while place < len(data):
        size = int.from_bytes(data[place : place + 4])
        found.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += 12 + size
    return found


@pytest.mark.parametrize("name", ["iccp_crc.png", "phys_crc.png", "text_crc.png"])
def test_a_wrong_checksum_of_what_a_picture_can_do_without_is_left_out_and_said(name: str) -> None:
    with pytest.warns(PictureWarning, match=r"wrong checksums in \w+: these are left out"):
        assert open_picture(CASES / name).size == (48, 32)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("palette-without-PLTE.png", "its palette .PLTE. is missing"),
        ("png16-idat-length-2g.png", "the chunk 'IDAT' at byte 33 is not all there"),
    ],
)
def test_what_cannot_be_read_is_refused_as_picture_and_as_mask(name: str, message: str) -> None:
    for read in (open_picture, read_mask):
        tracemalloc.start()
        with pytest.raises(InputError, match=message):
            read(CASES / name)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
        tracemalloc.stop()


def palette_parts(colours: int) -> list[tuple[bytes, bytes]]:
    """A row of the pixels 0 to 9 with a palette."""
    header = struct.pack(">IIBBBBB", 10, 1, 8, 3, 0, 0, 0)
    pixels = zlib.compress(bytes([0, *range(10)]))
    return [(b"IHDR", header), (b"PLTE", bytes(3 * colours)), (b"IDAT", pixels), (b"IEND", b"")]


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ((0, 2, 1, 3), "palette .PLTE. is missing before its pixels"),
        ((0, 1, 1, 2, 3), "palette .PLTE. is there 2 times"),
        ((0, 0, 1, 2, 3), "header .IHDR. is there 2 times"),
        ((0, 1, 3), "pixels .IDAT. are missing"),
    ],
)
def test_chunks_in_the_wrong_place_or_number_are_refused(order: tuple[int, ...], message: str) -> None:
    chunks = [palette_parts(10)[place] for place in order]
    with pytest.raises(InputError, match=message):
        open_picture("a.png", SIGNATURE + b"".join(chunk(*each) for each in chunks))


@pytest.mark.parametrize(
    ("colours", "message"), [(9, "9 colours, a pixel the one of number 9"), (257, "771 bytes")]
)
def test_a_palette_must_have_every_colour_that_is_used(colours: int, message: str) -> None:
    assert open_picture("a.png", SIGNATURE + b"".join(chunk(*each) for each in palette_parts(10))).size == (
        10,
        1,
    )
    with pytest.raises(InputError, match=message):
        open_picture("a.png", SIGNATURE + b"".join(chunk(*each) for each in palette_parts(colours)))


def test_a_chunk_without_which_the_picture_cannot_be_understood_is_refused() -> None:
    with pytest.raises(InputError, match="its chunk 'CgBI', which no standard has"):
        open_picture(
            "a.png",
            SIGNATURE + b"".join(chunk(*each) for each in [*parts()[:1], (b"CgBI", b"ab"), *parts()[1:]]),
        )


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_one_spoilt_chunk_is_left_out_or_named(data: st.DataObject) -> None:
    chunks = parts()
    which = data.draw(st.integers(0, len(chunks) - 1))
    whole = SIGNATURE + b"".join(
        chunk(kind, body, spoilt=number == which) for number, (kind, body) in enumerate(chunks)
    )
    kind = chunks[which][0]
    if kind[:1].isupper():
        with pytest.raises(InputError, match=f"checksum of its chunk {kind.decode()} at byte"):
            open_picture("a.png", whole)
    else:
        with collected() as notes:
            picture = open_picture("a.png", whole)
        np.testing.assert_array_equal(np.asarray(picture), PIXELS)
        assert [kind.decode() in note for note in notes] == [True]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_file_that_ends_early_or_claims_too_much_is_refused(data: st.DataObject) -> None:
    whole = SIGNATURE + b"".join(chunk(*each) for each in parts())
    if data.draw(st.booleans()):
        spoilt = whole[: data.draw(st.integers(len(SIGNATURE) + 1, len(whole) - 1))]
    else:
        spoilt = SIGNATURE + b"\x7f" + whole[len(SIGNATURE) + 1 :]  # the header's length
    with pytest.raises(InputError, match="damaged or cut short"):
        open_picture("a.png", spoilt)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.binary(min_size=4, max_size=4), st.binary(max_size=40)), max_size=5), st.randoms()
)
def test_any_chunks_give_a_picture_or_our_error(extra: list[tuple[bytes, bytes]], random: object) -> None:
    chunks = parts()
    for each in extra:
        chunks.insert(getattr(random, "randint")(0, len(chunks)), each)  # noqa: B009
    try:
        with collected():
            open_picture("a.png", SIGNATURE + b"".join(chunk(*each) for each in chunks))
    except InputError as error:
        assert "a.png" in str(error)  # noqa: PT017 (either is right)

"""Pictures cut short: what is left must be what was there, and what is missing must be said."""

from __future__ import annotations

import contextlib
import io
import re
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from splpaint.errors import DamagedError, InputError
from splpaint.images import read_photo
from splpaint.images.mending import mend
from splpaint.images.sixteen_bit import encode_deep
from splpaint.notices import collected
from tests.images.containers.test_png import SIGNATURE, chunk, parts

CASES = Path(__file__).parents[2] / "cases"
HEIGHT, WIDTH = 160, 96


def _pixels(levels: int = 256) -> Any:
    kind = np.uint8 if levels == 256 else np.uint16
    return np.random.default_rng(0).integers(0, levels, (HEIGHT, WIDTH, 3), kind)


def _encoded(pixels: Any, name: str, **options: Any) -> bytes:
    if pixels.dtype == np.uint16:
        return encode_deep(pixels, name, options).getvalue()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, name, **options)
    return file.getvalue()


def _mended(data: bytes) -> tuple[Any, str]:
    with pytest.raises(DamagedError, match="`accept_damaged=True` to use what can be decoded"):
        read_photo("a", data)
    with collected() as notes:
        photo = read_photo("a", data, accept_damaged=True)
    (note,) = (note for note in notes if note.startswith("a is damaged: "))
    assert photo.data == data
    return np.asarray(photo.image), note


def _first_missing(note: str) -> int:
    found = re.search(rf"rows (\d+) to {HEIGHT - 1} of {HEIGHT}, as it is stored, are missing", note)
    return int(found[1]) if found else HEIGHT


@settings(deadline=None, max_examples=40)
@given(share=st.floats(0.2, 0.99), levels=st.sampled_from([256, 65_536]))
def test_the_rows_of_a_png_that_are_there_are_right(share: float, levels: int) -> None:
    pixels = _pixels(levels)
    data = _encoded(pixels, "PNG")
    mended, note = _mended(data[: int(len(data) * share)])
    first = _first_missing(note)
    np.testing.assert_array_equal(mended[:first], pixels[:first])
    assert not mended[first + 1 :].any()
    assert abs(first / HEIGHT - share) < 0.1


def test_a_png_with_a_wrong_byte_among_its_pixels_keeps_those_before() -> None:
    pixels = np.asarray(Image.fromarray(_pixels()[:8, :6]).resize((WIDTH, HEIGHT)))
    data = bytearray(_encoded(pixels, "PNG"))
    place = data.index(b"IDAT") + 4
    middle = place + int.from_bytes(data[place - 8 : place - 4]) // 2
    data[middle : middle + 40] = bytes(40)
    mended, note = _mended(bytes(data))
    assert "wrong checksums may be wrong" in note
    np.testing.assert_array_equal(mended[: HEIGHT // 4], pixels[: HEIGHT // 4])


def test_a_png_keeps_its_texts_and_one_that_only_lacks_its_end_misses_nothing() -> None:
    whole = SIGNATURE + b"".join(chunk(*each) for each in parts())
    for cut in (4, 12):
        with collected() as notes:
            photo = read_photo("a", whole[:-cut], accept_damaged=True)
        assert notes == ["a is damaged: no part of the picture is missing"]
        assert photo.metadata["text"][0].data == b"somebody"
        np.testing.assert_array_equal(np.asarray(photo.image), np.asarray(read_photo("a", whole).image))


def test_what_a_png_cannot_do_without_is_an_error_all_the_same() -> None:
    kinds = dict(parts())
    for which in (b"IHDR", b"IDAT"):
        spoilt = [chunk(kind, body, spoilt=kind == which) for kind, body in kinds.items() if kind != b"IDAT"]
        with pytest.raises(InputError, match="a is damaged"):
            read_photo("a", SIGNATURE + b"".join(spoilt), accept_damaged=True)


@settings(deadline=None, max_examples=40)
@given(share=st.floats(0.2, 0.99), subsampling=st.sampled_from([0, 2]), quality=st.integers(50, 100))
def test_the_rows_of_a_jpeg_that_are_there_are_right(share: float, subsampling: int, quality: int) -> None:
    data = _encoded(_pixels(), "JPEG", quality=quality, subsampling=subsampling)
    whole = np.asarray(read_photo("a", data).image)
    start = data.index(b"\xff\xda")
    mended, note = _mended(data[: start + 14 + int((len(data) - start - 16) * share)])
    first = _first_missing(note)
    np.testing.assert_array_equal(mended[:first], whole[:first])
    assert abs(first / HEIGHT - share) < 0.2


def test_a_jpeg_that_only_lacks_its_end_misses_nothing() -> None:
    data = (CASES / "damaged" / "no_eoi.jpg").read_bytes()
    mended, note = _mended(data)
    assert note == "a is damaged: no part of the picture is missing"
    np.testing.assert_array_equal(mended, np.asarray(read_photo("a", data + b"\xff\xd9").image))


def test_rows_of_a_turned_jpeg_are_told_as_it_is_stored() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = _encoded(_pixels(), "JPEG", exif=exif)
    mended, note = _mended(data[: len(data) * 2 // 3])
    assert mended.shape == (WIDTH, HEIGHT, 3)
    assert f"of {HEIGHT}, as it is stored, are missing" in note


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("kept", [1, 9])
def test_the_strips_of_a_tiff_that_are_there_are_right(compression: str, kept: int) -> None:
    pixels = _pixels()
    data = _encoded(pixels, "TIFF", compression=compression, strip_size=WIDTH * 3 * 16)
    if compression == "raw":  # of which Pillow makes one strip
        file = io.BytesIO()
        tifffile.imwrite(file, pixels, photometric="rgb", rowsperstrip=16, metadata=None)
        data = file.getvalue()
    mended, note = _mended(_without_strips(data, kept))
    assert _first_missing(note) == kept * 16
    np.testing.assert_array_equal(mended[: kept * 16], pixels[: kept * 16])
    assert not mended[kept * 16 :].any()


def _without_strips(tiff: bytes, kept: int) -> bytes:
    """All strips but the first ones are said to lie far behind the file's end."""
    changed = bytearray(tiff)
    with tifffile.TiffFile(io.BytesIO(tiff)) as file:
        places = file.pages[0].tags[273]  # type: ignore[union-attr]
    assert places.count == 10
    code = {3: "H", 4: "I"}[int(places.dtype)]
    for strip in range(kept, places.count):
        place = places.valueoffset + strip * struct.calcsize(code)
        struct.pack_into(f"<{code}", changed, place, (1 << 8 * struct.calcsize(code)) - 1)
    return bytes(changed)


@pytest.mark.parametrize(("name", "levels"), [("none", 256), ("rgb16", 65_536)])
def test_a_tiff_that_declares_more_rows_than_it_has_is_filled_up(name: str, levels: int) -> None:
    data = (CASES / "tiff" / f"tiff-too-few-rows-{name}.tif").read_bytes()
    mended, note = _mended(data)
    assert "rows 64 to 127 of 128, as it is stored, are missing (50% of the picture)" in note
    assert mended[:64].any()
    assert not mended[64:].any()


def test_a_tiff_that_claims_millions_of_strips_takes_no_memory() -> None:
    data = bytearray(_encoded(_pixels(), "TIFF"))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        place = file.pages[0].tags[257].valueoffset  # type: ignore[union-attr]
    struct.pack_into("<HII", data, place - 6, 4, 1, 3_000_000_000)  # one long
    tracemalloc.start()
    with pytest.raises(DamagedError, match="nothing of it can be decoded"):
        read_photo("a.tif", bytes(data), accept_damaged=True)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_tiles_that_are_missing_are_counted() -> None:
    file, pixels = io.BytesIO(), _pixels()
    tifffile.imwrite(file, pixels, photometric="rgb", tile=(32, 32), metadata=None)
    mended, note = _mended(file.getvalue()[: -32 * 32 * 3 - 10])
    assert "2 of its 15 tiles are missing or cut short" in note
    np.testing.assert_array_equal(mended[:128], pixels[:128])


@pytest.mark.parametrize(
    "data", [b"\xff\xd8", b"\xff\xd8\xff\xda\0\2", SIGNATURE, b"II*\0", b"MM\0*\0\0\0\x08\0\0", b"GIF89a"]
)
def test_what_holds_no_picture_stays_an_error(data: bytes) -> None:
    with pytest.raises(InputError):
        read_photo("a", data, accept_damaged=True)


def test_a_tiff_without_height_stays_an_error() -> None:
    data = bytearray(_encoded(_pixels(), "TIFF"))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages[0].tags  # type: ignore[union-attr]
    struct.pack_into("<I", data, tags[257].offset + 8, 0)
    struct.pack_into(
        "<I", data, tags[262].offset + 4, len(data)
    )  # more values than it holds: it counts as damaged
    assert mend(bytes(data)) is None
    with pytest.raises(InputError):
        read_photo("a", bytes(data), accept_damaged=True)


@settings(deadline=None, max_examples=150)
@given(
    name=st.sampled_from(["JPEG", "PNG", "TIFF"]),
    changes=st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 255)), min_size=1, max_size=4),
    cut=st.integers(0, 1500),
)
def test_changed_bytes_give_a_picture_or_our_error(
    name: str, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(_encoded(_pixels()[:24, :24], name))
    for place, value in changes:
        data[place % len(data)] = value
    with collected(), contextlib.suppress(InputError):
        assert read_photo("a", bytes(data[: len(data) - cut]), accept_damaged=True).size

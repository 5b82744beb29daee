from __future__ import annotations

import io
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

from splpaint.errors import InputError
from splpaint.images import open_picture, read_photo
from splpaint.images.containers import is_tiff, require_sound_tiff
from splpaint.images.formats import TIFF
from splpaint.images.output import encode_photo
from splpaint.notices import PictureWarning

CASES = Path(__file__).parents[2] / "cases"
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "LAB", "YCbCr")


def tiff(mode: str, width: int, height: int, compression: str | None, **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "TIFF", compression=compression, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("raw/raw.dng", "raw photograph.*develop it to a 16-bit TIFF"),
        ("raw/thumbnail_first.tif", "begins with a reduced picture"),
        ("tiff/rgb_plus_unspecified.tif", "1 channel besides its colours, whose meaning it does not say"),
        ("tiff/grey_plus_unspecified.tif", "1 channel besides its colours"),
        ("tiff/float32_rgb.tif", "32-bit floating point numbers"),
        ("tiff/grey_alpha_16.tif", "grey with alpha at 16 bits"),
        ("tiff/j2k_in_tiff.tif", "JPEG 2000 inside a TIFF"),
        ("tiff/webp_in_tiff.tif", "webp inside a TIFF"),
        ("tiff/tiff-too-few-rows-none.tif", "cut short .1 of 2 strips are there"),
        ("tiff/tiff-too-few-rows-rgb16.tif", "cut short .1 of 2 strips are there"),
    ],
)
def test_what_is_no_plain_photograph_is_named_for_what_it_is(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_photo(CASES / name)
    other = tmp_path / "photo.nef"  # by its content, whatever it is called
    other.write_bytes((CASES / name).read_bytes())
    with pytest.raises(InputError, match=message):
        read_photo(other)


def test_an_alpha_channel_that_says_so_is_read() -> None:
    assert open_picture(CASES / "tiff" / "rgb_plus_unassociated_ok.tif").mode == "RGBA"


@pytest.mark.parametrize("compression", [None, "raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("mode", MODES)
def test_what_pillow_writes_is_sound(mode: str, compression: str | None) -> None:
    data = tiff(mode, 37, 53, compression)
    assert is_tiff(data[:16])
    require_sound_tiff(io.BytesIO(data), "a.tif")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["L", "RGB", "RGBA"]), st.integers(1, 70), st.integers(2, 70), st.data())
def test_a_file_that_ends_early_is_refused(mode: str, width: int, height: int, data: st.DataObject) -> None:
    whole = tiff(mode, width, height, "raw")
    cut = whole[: data.draw(st.integers(8, len(whole) - 1))]
    with pytest.raises(InputError, match="damaged or cut short"):
        open_picture("a.tif", cut)


@pytest.mark.parametrize("compression", [None, "adobe_deflate"])
@pytest.mark.parametrize("tag", [322, 323])  # width, height
def test_tiles_far_larger_than_the_picture_are_refused_before_room_is_made(
    compression: str | None, tag: int
) -> None:
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((48, 48, 3), np.uint8), tile=(32, 32), compression=compression)
    whole, place = bytearray(file.getvalue()), file.getvalue().index(struct.pack("<HHII", tag, 4, 1, 32))
    struct.pack_into("<HII", whole, place + 2, 4, 1, 1 << 20)
    tracemalloc.start()
    with pytest.raises(InputError, match="its tiles are larger than it is"):
        read_photo("a.tif", bytes(whole), accept_damaged=True)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.sampled_from(["raw", "tiff_lzw"]))
def test_more_rows_than_there_are_are_refused(more: int, compression: str) -> None:
    whole = bytearray(tiff("RGB", 32, 24, compression))
    order = "<" if whole[:2] == b"II" else ">"
    start = struct.unpack_from(order + "I", whole, 4)[0]
    for entry in range(struct.unpack_from(order + "H", whole, start)[0]):
        place = start + 2 + 12 * entry
        if struct.unpack_from(order + "H", whole, place)[0] == 257:
            struct.pack_into(order + "HII", whole, place + 2, 4, 1, 24 + more)
    if compression == "raw":
        with pytest.raises(InputError, match="cut short"):
            open_picture("a.tif", bytes(whole))
    else:  # the rows of a strip are all in one stream, which ends early
        with pytest.raises(InputError, match=r"damaged or cut short|cannot be read"):
            np.asarray(open_picture("a.tif", bytes(whole)))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow says so before we refuse
@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["L", "RGB", "RGBA"]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
)
def test_changed_bytes_give_a_picture_or_our_error(mode: str, changes: list[tuple[int, int]]) -> None:
    whole = bytearray(tiff(mode, 16, 12, "raw"))
    for place, value in changes:
        whole[-1 - place % len(whole)] = value
    try:
        open_picture("a.tif", bytes(whole))
    except InputError as error:
        assert "a.tif" in str(error)  # noqa: PT017 (either is right)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_white_that_is_zero_is_white(kind: type[np.uint8] | type[np.uint16]) -> None:
    levels = np.random.default_rng(0).integers(0, np.iinfo(kind).max, (20, 30), kind)
    file = io.BytesIO()
    tifffile.imwrite(file, levels, photometric="miniswhite", metadata=None)
    photo = read_photo("a.tif", file.getvalue())
    np.testing.assert_array_equal(np.asarray(photo.image), np.iinfo(kind).max - levels)
    again = read_photo("b.tif", encode_photo(photo, photo.image, TIFF))
    np.testing.assert_array_equal(np.asarray(again.image), np.asarray(photo.image))


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"photometric": "minisblack"}, np.int8, "8-bit signed numbers"),
        ({"photometric": "rgb"}, np.int16, "16-bit signed numbers"),
        ({"photometric": "icclab"}, np.uint8, r"the colours of CIE L\*a\*b\*"),
        (
            {"photometric": "separated", "extratags": [(332, 3, 1, 2, True)]},
            np.uint8,
            "inks that are not CMYK",
        ),
    ],
)
def test_numbers_and_colours_of_other_kinds_are_named(
    options: dict[str, Any], kind: type, message: str
) -> None:
    channels = {"minisblack": (), "separated": (4,)}.get(options["photometric"], (3,))
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((20, 30, *channels), kind), metadata=None, **options)
    with pytest.raises(InputError, match=message):
        open_picture("a.tif", file.getvalue())


def test_colours_multiplied_by_their_transparency_are_told_of() -> None:
    file = io.BytesIO()
    pixels = np.full((20, 30, 4), 100, np.uint8)
    tifffile.imwrite(file, pixels, photometric="rgb", extrasamples=["assocalpha"], metadata=None)
    with pytest.warns(PictureWarning, match="multiplied by its transparency"):
        photo = read_photo("a.tif", file.getvalue())
    assert np.asarray(photo.image)[0, 0].tolist() == [255, 255, 255, 100]

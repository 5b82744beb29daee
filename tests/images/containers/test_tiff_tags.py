"""TIFFs read and written by tifffile and Pillow as independent ones."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.containers import add_tags, read_tags
from splpaint.images.formats import format_of
from splpaint.images.output import encode_photo
from splpaint.images.photo import read_photo
from splpaint.notices import PictureWarning, collected
from tests.images.containers.exif_writing import exif_data

TAGS: dict[int, tuple[int, int, Any]] = {  # type, count, value
    269: (2, 0, "box 3"),
    285: (2, 0, "p. 4"),
    316: (2, 0, "phone"),
    18246: (3, 1, 4),
    33550: (12, 3, (0.5, 0.5, 0.0)),
    33922: (12, 6, (0.0, 0.0, 0.0, 8.5, 47.25, 0.0)),
    34735: (3, 4, (1, 1, 0, 0)),
    40091: (1, 6, b"P\0i\0c\0"),
    51105: (2, 0, "c"),
    65000: (5, 2, (1, 3, 2, 7)),
    65001: (9, 2, (-5, 70_000)),
    65002: (11, 1, 1.5),
}


def _pixels() -> Any:
    return np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)


def _tiff(path: Path, *, tags: dict[int, tuple[int, int, Any]] = TAGS, **options: Any) -> None:
    extra = [(tag, kind, count, value, True) for tag, (kind, count, value) in tags.items()]
    tifffile.imwrite(path, _pixels(), photometric="rgb", metadata=None, extratags=extra, **options)


def _tags(data: bytes) -> dict[int, Any]:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        return {tag.code: (tag.dtype, tag.count, tag.value) for tag in file.pages[0].tags}  # type: ignore[union-attr]


@pytest.mark.parametrize(("byteorder", "bigtiff"), [("<", False), (">", False), ("<", True)])
def test_all_tags_of_a_tiff_stay_and_its_pixels(tmp_path: Path, byteorder: str, bigtiff: bool) -> None:
    path = tmp_path / "a.tif"
    _tiff(path, byteorder=byteorder, bigtiff=bigtiff, resolution=(118, 118), resolutionunit="CENTIMETER")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        photo = read_photo(path)
        written = encode_photo(photo, photo.image, format_of(path))
    before, after = _tags(path.read_bytes()), _tags(written)
    for tag in [*TAGS, 282, 283, 296, 305]:
        assert after[tag] == before[tag], tag
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(written)), _pixels())


def test_a_bigtiff_in_the_other_byte_order_is_named(tmp_path: Path) -> None:
    _tiff(tmp_path / "a.tif", byteorder=">", bigtiff=True)
    with pytest.raises(InputError, match=r"big-endian BigTIFF.*save it as a plain TIFF"):
        read_photo(tmp_path / "a.tif")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_tags_of_a_tiff_go_into_other_formats_and_back(tmp_path: Path, suffix: str) -> None:
    _tiff(tmp_path / "a.tif", byteorder=">")
    photo = read_photo(tmp_path / "a.tif")
    with pytest.warns(PictureWarning, match="the EXIF data are rewritten"):
        (tmp_path / f"b{suffix}").write_bytes(
            encode_photo(photo, photo.image, format_of(tmp_path / f"b{suffix}"))
        )
    other = read_photo(tmp_path / f"b{suffix}")
    with pytest.warns(PictureWarning, match="the EXIF data are rewritten"):
        again = _tags(encode_photo(other, other.image, format_of(tmp_path / "c.tif")))
    before = _tags((tmp_path / "a.tif").read_bytes())
    assert {tag: again[tag] for tag in TAGS} == {tag: before[tag] for tag in TAGS}


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_a_tiff_with_exif_tables_keeps_its_compression(tmp_path: Path, compression: str) -> None:
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2020:01:01 00:00:00"}
    exif[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    buffer = io.BytesIO()
    Image.fromarray(_pixels()).save(buffer, "TIFF", compression=compression)
    add_tags(buffer, exif.tobytes().removeprefix(b"Exif\0\0"), {})
    photo = read_photo("a.tif", buffer.getvalue())
    written = encode_photo(photo, photo.image, format_of(tmp_path / "c.tif"))
    with Image.open(io.BytesIO(written)) as image:
        assert image.info["compression"] == compression
        assert image.getexif().get_ifd(0x8769)[0x9003] == "2020:01:01 00:00:00"
        assert image.getexif().get_ifd(0x8825)[2] == (1.0, 2.0, 3.0)
        np.testing.assert_array_equal(np.asarray(image), _pixels())


def test_what_shows_the_picture_before_goes_and_is_said(tmp_path: Path) -> None:
    before = {34377: (7, 8, b"8BIM\4\x0c\0\0"), 37724: (7, 6, b"layers")}
    _tiff(tmp_path / "a.tif", tags=TAGS | before)
    with pytest.warns(PictureWarning, match="Photoshop's layers, Photoshop's resources"):
        photo = read_photo(tmp_path / "a.tif")
    after = _tags(encode_photo(photo, photo.image, format_of(tmp_path / "b.tif")))
    assert not before.keys() & after.keys()
    assert after.keys() >= TAGS.keys()


def test_a_turned_map_no_longer_says_where_it_lies(tmp_path: Path) -> None:
    _tiff(tmp_path / "a.tif", tags=TAGS | {274: (3, 1, 6)})
    with pytest.warns(PictureWarning, match="where on earth it lies"):
        photo = read_photo(tmp_path / "a.tif")
    after = _tags(encode_photo(photo, photo.image, format_of(tmp_path / "b.tif")))
    assert not {274, 33550, 33922} & after.keys()
    assert photo.size == (40, 50)


def test_a_value_outside_the_file_is_left_out_and_said() -> None:
    data = bytearray(exif_data([(316, 2, 9, b"somebody\0"), (271, 2, 2, b"M\0")], []))
    struct.pack_into("<I", data, 8 + 2 + 8, 1 << 30)
    with pytest.warns(PictureWarning, match="values cannot be read: 316$"):
        read = read_tags(io.BytesIO(data))
    exif = Image.Exif()
    exif.load(read.exif)
    assert set(exif) == {271, 0x8769}


@pytest.mark.parametrize("tag", [274, 700, 33723, 34675])  # orientation, XMP data, captions, colour profile
@pytest.mark.parametrize(("kind", "count"), [(7, 1 << 17), (5, 1), (2, 0), (99, 1), (16, 1 << 60)])
def test_no_tag_need_be_what_it_should_be(tmp_path: Path, tag: int, kind: int, count: int) -> None:
    _tiff(tmp_path / "a.tif", tags={tag: (3, 1, 1)}, bigtiff=True)
    data = bytearray((tmp_path / "a.tif").read_bytes())
    place = data.index(struct.pack("<HHQ", tag, 3, 1))
    struct.pack_into("<HQQ", data, place + 2, kind, count, 1 << 20)
    with collected():
        photo = read_photo("a.tif", bytes(data))
        written = encode_photo(photo, photo.image, format_of(Path("b.tif")))
    np.testing.assert_array_equal(np.asarray(photo.image), _pixels())
    np.testing.assert_array_equal(np.asarray(read_photo("b.tif", written).image), _pixels())


@pytest.mark.filterwarnings("ignore::splpaint.notices.PictureWarning")
def test_captions_stay_in_a_tiff_and_go_over_into_a_jpeg(tmp_path: Path) -> None:
    caption = b"\x1c\x02\x78\x00\x05hello"
    _tiff(tmp_path / "a.tif", tags={33723: (7, len(caption), caption)})
    photo = read_photo(tmp_path / "a.tif")
    assert _tags(encode_photo(photo, photo.image, format_of(tmp_path / "b.tif")))[33723][2] == caption
    with Image.open(io.BytesIO(encode_photo(photo, photo.image, format_of(tmp_path / "b.jpg")))) as image:
        assert image.info["photoshop"][0x0404] == caption


def test_notes_of_a_maker_are_moved_into_a_tiff_and_that_is_said(tmp_path: Path) -> None:
    exif = exif_data([], [(0x927C, 7, 9, b"MAKER1234")])
    Image.fromarray(_pixels()).save(tmp_path / "a.jpg", exif=b"Exif\0\0" + exif)
    photo = read_photo(tmp_path / "a.jpg")
    with pytest.warns(PictureWarning, match="maker's notes"):
        (tmp_path / "b.tif").write_bytes(encode_photo(photo, photo.image, format_of(tmp_path / "b.tif")))
    with Image.open(tmp_path / "b.tif") as image:
        assert image.getexif().get_ifd(0x8769)[0x927C] == b"MAKER1234"


def test_nothing_is_added_where_there_is_nothing() -> None:
    buffer = io.BytesIO()
    Image.fromarray(_pixels()).save(buffer, "TIFF")
    before = _tags(buffer.getvalue())
    add_tags(buffer, b"", {})
    after = _tags(buffer.getvalue())
    assert after == before

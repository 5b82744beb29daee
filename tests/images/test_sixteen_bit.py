"""16 bits per channel, checked with OpenCV and Pillow as independent readers and writers."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import Deep
from splpaint.images.output import choose_output
from splpaint.images.photo import read_photo
from splpaint.images.sixteen_bit import encode_deep
from tests.images.containers.test_png import SIGNATURE, chunk
from tests.photo_writing import write_photo

PROFILE = bytes(range(200))


def _noise(*channels: int) -> Deep:
    return np.random.default_rng(0).integers(0, 65_536, (40, 50, *channels), np.uint16)


def _bgr(pixels: Deep) -> Any:
    return pixels if pixels.ndim == 2 else pixels[:, :, [2, 1, 0, 3][: pixels.shape[2]]]


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_photograph_of_16_bits_comes_back_bit_for_bit(
    tmp_path: Path, channels: tuple[int, ...], suffix: str
) -> None:
    pixels = _noise(*channels)
    assert cv2.imwrite(str(tmp_path / f"a{suffix}"), _bgr(pixels))
    photo = read_photo(tmp_path / f"a{suffix}")
    assert photo.size == (50, 40)
    np.testing.assert_array_equal(np.asarray(photo.image), pixels)
    for output in [tmp_path / "b.png", tmp_path / "b.tif"]:
        write_photo(photo, photo.image, choose_output(photo, output))
        again = cv2.imread(str(output), cv2.IMREAD_UNCHANGED)
        assert again is not None
        np.testing.assert_array_equal(again, _bgr(pixels))
        np.testing.assert_array_equal(np.asarray(read_photo(output).image), pixels)


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
@pytest.mark.parametrize("channels", [3, 4])
def test_metadata_are_written_as_with_8_bits(tmp_path: Path, name: str, channels: int) -> None:
    options: dict[str, Any] = {"icc_profile": PROFILE, "dpi": (300, 300)}
    (tmp_path / "a").write_bytes(encode_deep(_noise(channels), name, options).getvalue())
    photo = read_photo(tmp_path / "a")
    np.testing.assert_array_equal(np.asarray(photo.image), _noise(channels))
    assert photo.metadata["icc_profile"] == PROFILE
    assert [round(value) for value in photo.metadata["dpi"]] == [300, 300]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_turned_photographs_become_upright(
    tmp_path: Path, orientation: int, suffix: str, channels: tuple[int, ...]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a{suffix}"
    path.write_bytes(
        encode_deep(_noise(*channels), "PNG" if suffix == ".png" else "TIFF", {"exif": exif}).getvalue()
    )
    high = (_noise(*channels) >> 8).astype(np.uint8)
    Image.fromarray(high).save(tmp_path / f"b{suffix}", exif=exif)
    upright = np.asarray(read_photo(path).image)
    np.testing.assert_array_equal(upright >> 8, np.asarray(read_photo(tmp_path / f"b{suffix}").image))


@pytest.mark.parametrize(
    ("extra", "end"),
    [
        ((b"IEND", b"abc"), b""),
        ((b"sRGB", b"\x09"), b""),
        ((b"PLTE", bytes(3 * 300)), b""),
        ((b"IDAT", b""), b"more than its rows"),
    ],
)
def test_what_is_wrong_beside_the_pixels_of_a_png_is_printed_by_nobody(
    capfd: pytest.CaptureFixture[str], extra: tuple[bytes, bytes], end: bytes
) -> None:
    rows = np.insert(_noise(3).astype(">u2").reshape(40, -1).view(np.uint8), 0, 0, axis=1).tobytes()
    header = struct.pack(">IIBBBBB", 50, 40, 16, 2, 0, 0, 0)
    packed = zlib.compress(rows + end) + end
    chunks = [(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")]
    chunks.insert({b"IEND": 2, b"IDAT": 2}.get(extra[0], 1), extra)
    photo = read_photo("a.png", SIGNATURE + b"".join(chunk(*each) for each in chunks))
    np.testing.assert_array_equal(np.asarray(photo.image), _noise(3))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("channels", [3, 4])
def test_interlaced_rows_find_their_place(channels: int) -> None:
    pixels = _noise(channels)
    header = struct.pack(">IIBBBBB", 50, 40, 16, {3: 2, 4: 6}[channels], 0, 0, 1)
    passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    rows = b""
    for left, top, across, down in passes:  # of Adam7
        part = pixels[top::down, left::across]
        rows += b"".join(b"\0" + row.astype(">u2").tobytes() for row in part if part.shape[1])
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    photo = read_photo("a.png", SIGNATURE + b"".join(chunk(*each) for each in chunks))
    np.testing.assert_array_equal(np.asarray(photo.image), pixels)


@pytest.mark.parametrize("output", ["b.jpg", "b.webp", "b.bmp"])
def test_8_bit_formats_are_refused_for_it(tmp_path: Path, output: str) -> None:
    Image.fromarray(_noise()).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"16 bits per channel.*write a \.png or \.tif"):
        choose_output(read_photo(tmp_path / "a.png"), tmp_path / output)


def test_colours_are_refused_without_a_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(encode_deep(_noise(3), "PNG", {}).getvalue())
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(InputError, match=r"a\.png has 16 bits.*pip install '\.\[deep\]'"):
        read_photo(tmp_path / "a.png")
    Image.fromarray(_noise()).save(tmp_path / "grey.png")
    assert np.asarray(read_photo(tmp_path / "grey.png").image).dtype == np.uint16


def test_layouts_that_no_decoder_keeps_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ppm").write_bytes(b"P6 2 2 65535\n" + bytes(24))
    with pytest.raises(InputError, match="16 bits per channel"):
        read_photo(tmp_path / "a.ppm")


def _tiff_with_tag(path: Path, pixels: Deep, tag: int, value: int) -> None:
    """A 16-bit TIFF one of whose tags (a short) says something else than is true."""
    data = bytearray(encode_deep(pixels, "TIFF", {}).getvalue())
    start = int.from_bytes(data[4:8], "little")
    for entry in range(int.from_bytes(data[start : start + 2], "little")):
        place = start + 2 + 12 * entry
        if int.from_bytes(data[place : place + 2], "little") == tag:
            data[place + 8 : place + 10] = value.to_bytes(2, "little")
    path.write_bytes(data)


@pytest.mark.skipif(sys.byteorder == "big", reason="the tags are patched in little-endian")
@pytest.mark.parametrize(
    ("channels", "tag", "value", "reason"),
    [(3, 284, 2, "1 of 3 strips"), (4, 338, 1, "premultiplied transparency")],
)
def test_layouts_that_opencv_misreads_are_refused(
    tmp_path: Path, channels: int, tag: int, value: int, reason: str
) -> None:
    _tiff_with_tag(tmp_path / "a.tif", _noise(channels), tag, value)
    with pytest.raises(InputError, match=reason):
        read_photo(tmp_path / "a.tif")


def test_one_transparent_shade_of_16_bit_grey_is_refused_not_lost(tmp_path: Path) -> None:
    Image.fromarray(_noise()).save(tmp_path / "a.png", transparency=7)
    with pytest.raises(InputError, match="one shade is transparent"):
        read_photo(tmp_path / "a.png")


def test_a_large_picture_of_16_bits_is_written_strip_by_strip(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 65_536, (601, 30, 3), np.uint16)
    (tmp_path / "a.png").write_bytes(encode_deep(pixels, "PNG", {}).getvalue())
    again = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    assert again is not None
    np.testing.assert_array_equal(again, _bgr(pixels))

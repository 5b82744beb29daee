from __future__ import annotations

import io
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from splpaint.errors import InputError
from splpaint.images.arrays import Pixels, read_rgb
from splpaint.images.decoding import MAX_PIXELS, open_picture, open_stored, plain_mode, upright
from splpaint.images.sixteen_bit import encode_deep

_TURNED = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


def _noise(*shape: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_pictures_are_read_upright(tmp_path: Path, suffix: str, orientation: int, mode: str) -> None:
    pixels = _noise(5, 7, 3)[:, :, 0] if mode == "L" else _noise(5, 7, 3)
    pixels = pixels.repeat(16, axis=0).repeat(16, axis=1)  # JPEG blocks
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"photo.{suffix}"
    options = {"quality": 100} if suffix == "jpg" else {"lossless": True} if suffix == "webp" else {}
    Image.fromarray(pixels).save(path, exif=exif.tobytes(), **options)
    turned = _TURNED[orientation](pixels)
    read = read_rgb(path)
    assert read.shape == (*turned.shape[:2], 3)
    expected = turned if mode == "RGB" else turned[:, :, None]
    assert np.abs(read.astype(int) - expected).mean() < 8  # colours of a JPEG are subsampled


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1"])
def test_plain_tiffs_are_not_garbled_by_their_orientation(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(_noise(5, 7, 3)).convert(mode)
    image.save(tmp_path / "a.tif", tiffinfo={0x0112: 6})
    read = upright(open_picture(tmp_path / "a.tif"))
    np.testing.assert_array_equal(
        np.asarray(read.convert("RGBA")), np.rot90(np.asarray(image.convert("RGBA")), -1)
    )


@pytest.mark.parametrize(
    ("mode", "plain"),
    [("1", "L"), ("L", "L"), ("LA", "LA"), ("P", "RGB"), ("CMYK", "RGB"), ("YCbCr", "RGB"), ("RGBa", "RGBA")],
)
def test_every_8_bit_mode_has_a_plain_one(mode: str, plain: str) -> None:
    assert plain_mode(Image.new(mode, (3, 2))).mode == plain


def _deep_png(path: Path) -> None:
    Image.fromarray(_noise(4, 4).astype(np.uint16) * 257).save(path)


def _animation(path: Path) -> None:
    frames = [Image.fromarray(_noise(4, 4, 3)), Image.fromarray(255 - _noise(4, 4, 3))]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)


def _bomb(path: Path) -> None:
    small = io.BytesIO()
    Image.new("1", (8, 8)).save(small, "BMP")
    data = bytearray(small.getvalue())
    data[18:26] = (30_000).to_bytes(4, "little") + (30_000).to_bytes(4, "little")
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("deep.png", _deep_png, "16 bits"),
        ("deep.tif", _deep_png, "16 bits"),
        ("moving.gif", _animation, r"animated or has several pages \(2\)"),
        ("moving.webp", _animation, "animated"),
        ("moving.png", _animation, "animated"),
        ("pages.tif", _animation, "several pages"),
        ("bomb.bmp", _bomb, "megapixels; expected at most 100"),
        ("float.tif", lambda path: Image.new("F", (3, 3)).save(path), "32-bit"),
        ("empty.png", lambda path: path.write_bytes(b""), "0 bytes"),
        ("text.png", lambda path: path.write_text("no picture"), "not a picture"),
        ("folder.png", lambda path: path.mkdir(), "not a file"),
        ("missing.png", lambda path: None, "does not exist"),
    ],
)
def test_what_cannot_be_painted_is_refused_by_name(
    tmp_path: Path, name: str, write: object, message: str
) -> None:
    assert callable(write)
    write(tmp_path / name)
    with pytest.raises(InputError, match=message) as caught:
        read_rgb(tmp_path / name)
    assert name in str(caught.value)


def test_a_picture_over_the_limit_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    image = Image.new("1", (MAX_PIXELS // 1000 + 1, 1000))
    image.save(tmp_path / "large.png")
    with pytest.raises(InputError, match="megapixels"):
        open_picture(tmp_path / "large.png")


@pytest.mark.parametrize(
    ("picture", "bits"),
    [
        (Image.new("1", (3, 2)), 8),
        (Image.new("RGBA", (3, 2)), 8),
        (Image.fromarray(np.full((2, 3), 40_000, np.uint16)), 16),
    ],
)
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_the_depth_of_a_stored_picture_stands_beside_it(
    tmp_path: Path, picture: Image.Image, bits: int, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    picture.save(path)
    stored = open_stored(path)
    assert stored.bits == bits
    assert "bits" not in stored.image.info
    np.testing.assert_array_equal(np.asarray(stored.image), np.asarray(picture))
    if bits == 16:
        with pytest.raises(InputError, match="has 16 bits per channel; expected 8: convert it first"):
            open_picture(path)


def test_colours_of_16_bits_are_told_though_pillow_decodes_8() -> None:
    stored = open_stored("a.png", encode_deep(np.zeros((2, 3, 3), np.uint16), "PNG", {}).getvalue())
    assert (stored.image.mode, stored.bits) == ("RGB", 16)


def test_what_a_file_says_of_bits_in_its_texts_is_not_its_depth() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("bits", "16")
    buffer = io.BytesIO()
    Image.new("L", (3, 2)).save(buffer, "PNG", pnginfo=texts)
    stored = open_stored("a.png", buffer.getvalue())
    assert (stored.image.info["bits"], stored.bits) == ("16", 8)


def test_reading_is_silent_where_there_is_nothing_to_say(tmp_path: Path) -> None:
    Image.fromarray(_noise(4, 4, 3)).save(tmp_path / "a.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_rgb(tmp_path / "a.png")


def test_what_pillow_logs_of_a_damaged_picture_is_printed_by_nobody(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (8, 8)).save(file, "TIFF", compression="tiff_lzw")
    samples, damaged = struct.pack("<HHI", 277, 3, 1), bytearray(file.getvalue())
    damaged[damaged.index(samples) + 8] = 99
    (tmp_path / "a.tif").write_bytes(damaged)
    program = (
        "import sys; from splpaint.errors import InputError; from splpaint.images import open_picture\n"
        "try: open_picture(sys.argv[1])\n"
        "except InputError: print('refused')"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.tif")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("refused\n", "")

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import Pixels, composite, read_rgb, to_pixels, to_planes
from splpaint.images.decoding import MAX_PIXELS, open_picture, plain_mode, upright
from splpaint.images.mask_values import as_hole, read_mask
from splpaint.notices import PictureWarning

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


def test_every_level_survives_the_way_to_planes_and_back() -> None:
    pixels = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    planes = to_planes(pixels)
    assert planes.shape == (3, 16, 16)
    assert planes.dtype == np.float32
    assert (planes.min(), planes.max()) == (0, 1)
    np.testing.assert_array_equal(to_pixels(planes), pixels)


def test_planes_outside_the_range_are_clipped_and_levels_are_rounded() -> None:
    planes = (
        np.array([-1, 2, 0.5 / 255, 1.51 / 255], np.float32).repeat(3).reshape(2, 2, 3).transpose(2, 0, 1)
    )
    np.testing.assert_array_equal(to_pixels(planes)[:, :, 0], [[0, 255], [0, 2]])


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 3), (9, 7, 4)])
def test_a_composite_takes_the_hole_from_one_and_the_rest_from_the_other(shape: tuple[int, ...]) -> None:
    image, painted = _noise(*shape), 255 - _noise(*shape)
    hole = _noise(9, 7) > 127
    whole = composite(painted, image, hole)
    np.testing.assert_array_equal(whole[hole], painted[hole])
    np.testing.assert_array_equal(whole[~hole], image[~hole])


_HALVES = np.array([[0, 255], [255, 0]], np.uint8)


@pytest.mark.parametrize(
    "mask",
    [
        _HALVES,
        _HALVES == 255,
        _HALVES / 255,
        (_HALVES / 255).astype(np.float16),
        _HALVES[:, :, None],
        np.stack([_HALVES] * 3, axis=2),
        np.stack([_HALVES] * 3 + [np.full_like(_HALVES, 255)], axis=2),
        np.stack([np.full_like(_HALVES, 255)] * 3 + [_HALVES], axis=2),
        np.stack([np.zeros_like(_HALVES)] * 3 + [_HALVES], axis=2),
        Image.fromarray(_HALVES),
        Image.fromarray(_HALVES == 255),
        Image.fromarray(_HALVES).convert("RGB"),
        Image.fromarray(_HALVES).convert("P"),
        Image.fromarray(_HALVES).convert("LA"),
    ],
    ids=lambda mask: mask.mode if isinstance(mask, Image.Image) else f"{mask.dtype}{mask.shape}",
)
@pytest.mark.filterwarnings("ignore::splpaint.notices.PictureWarning")
def test_white_means_missing_in_every_kind_of_mask(mask: Image.Image | Pixels) -> None:
    np.testing.assert_array_equal(as_hole(mask), _HALVES == 255)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_a_mask_drawn_in_alpha_is_understood_and_said(mode: str) -> None:
    mask = Image.new("RGBA", (2, 2), (200, 30, 30, 0)).convert(mode)
    mask.putalpha(Image.fromarray(_HALVES))
    with pytest.warns(PictureWarning, match="opaque part"):
        np.testing.assert_array_equal(as_hole(mask), _HALVES == 255)


@pytest.mark.parametrize("ground", [(0, 0, 0, 0), (255, 255, 255, 0)])
@pytest.mark.parametrize("colour", [(200, 30, 30), (0, 0, 0), (255, 255, 255)])
def test_what_is_hidden_below_a_layer_of_one_colour_does_not_matter(
    colour: tuple[int, int, int], ground: tuple[int, int, int, int]
) -> None:
    mask = Image.new("RGBA", (2, 2), ground)
    mask.putpixel((1, 0), (*colour, 255))
    with pytest.warns(PictureWarning, match="opaque part"):
        np.testing.assert_array_equal(as_hole(mask), [[False, True], [False, False]])


def test_a_photograph_as_mask_draws_a_hint_at_its_transparency() -> None:
    with pytest.warns(PictureWarning, match="is it a photograph.*--mask alpha"):
        as_hole(np.full((4, 4), 90, np.uint8))


def test_grey_levels_are_split_in_the_middle_and_said() -> None:
    with pytest.warns(PictureWarning, match="4 of 4 pixels are grey"):
        hole = as_hole(np.array([[1, 127], [128, 254]], np.uint8))
    np.testing.assert_array_equal(hole, [[False, False], [True, True]])


@pytest.mark.parametrize(
    "mask",
    [
        np.array([[0, 1]], np.uint8),
        np.array([[0.0, 2.0]]),
        np.array([[0.0, np.nan]]),
        np.array([[-0.1, 1.0]]),
        np.array([[0, 255]], np.int64),
        np.array([[0, 255]], np.uint16),
        np.zeros(4, np.bool_),
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((2, 2, 3), np.bool_),
        np.array([[[0, 0, 0], [1, 1, 1]]], np.uint8),
        np.array([["white"]]),
        Image.new("I", (2, 2)),
    ],
    ids=lambda mask: getattr(mask, "mode", None) or f"{mask.dtype}{mask.shape}",
)
def test_masks_that_may_mean_anything_are_refused(mask: Image.Image | Pixels) -> None:
    with pytest.raises(InputError):
        as_hole(mask)


def test_a_hole_shares_no_memory_with_its_mask() -> None:
    mask = _HALVES == 255
    assert not np.shares_memory(as_hole(mask), mask)


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


def test_a_mask_file_is_named_when_it_means_nothing(tmp_path: Path) -> None:
    Image.fromarray(_HALVES // 255).save(tmp_path / "ones.png")
    with pytest.raises(InputError, match=r"ones\.png: .*0 and 255"):
        read_mask(tmp_path / "ones.png")


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
        ("float.tif", lambda path: Image.new("F", (3, 3)).save(path), "32 bits"),
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


def test_reading_is_silent_where_there_is_nothing_to_say(tmp_path: Path) -> None:
    Image.fromarray(_noise(4, 4, 3)).save(tmp_path / "a.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_rgb(tmp_path / "a.png")


@pytest.mark.parametrize("mask", [None, "mask.png", [[1, 0], [0, 1]]])
def test_a_mask_that_is_no_picture_is_refused_by_its_type(mask: object) -> None:
    with pytest.raises(
        InputError, match=f"mask must be a PIL picture or an array, got {type(mask).__name__}"
    ):
        as_hole(mask)  # type: ignore[arg-type]

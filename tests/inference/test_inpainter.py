from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import splpaint
from splpaint.cpu import usable_cores
from splpaint.errors import DamagedError, InputError, ModelError
from splpaint.images.arrays import Hole, Pixels
from splpaint.images.formats import format_of
from splpaint.images.grow import dilate
from splpaint.images.output import encode_photo
from splpaint.images.photo import read_photo
from splpaint.inference.inpainter import Inpainter, load_inpainter
from splpaint.notices import PictureWarning
from tests.stand_in_model import write_stand_in

HEIGHT, WIDTH = 48, 64


@pytest.fixture(scope="module")
def paint(tmp_path_factory: pytest.TempPathFactory) -> Inpainter:
    folder = write_stand_in(tmp_path_factory.mktemp("models") / "model", working_size_px=64)
    return load_inpainter(folder, precision="fp32")


@pytest.fixture
def hole() -> Hole:
    hole = np.zeros((HEIGHT, WIDTH), np.bool_)
    hole[10:20, 30:50] = True
    return hole


def _pixels(*channels: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, *channels), np.uint8)


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_an_array_comes_back_in_its_shape_with_known_pixels_and_alpha_as_they_were(
    paint: Inpainter, hole: Hole, channels: tuple[int, ...]
) -> None:
    pixels = _pixels(*channels)
    before = pixels.copy()
    painted = paint(pixels, hole)
    assert painted.shape == pixels.shape
    assert painted.dtype == np.uint8
    np.testing.assert_array_equal(painted[~hole], pixels[~hole])
    if channels == (4,):
        np.testing.assert_array_equal(painted[:, :, 3], pixels[:, :, 3])
    np.testing.assert_array_equal(pixels, before)
    assert np.ptp(painted[hole].reshape(hole.sum(), -1)[:, :3], axis=0).max() == 0  # the stand-in's mean


@pytest.mark.parametrize(
    ("mode", "result"),
    [
        ("L", "L"),
        ("LA", "LA"),
        ("RGB", "RGB"),
        ("RGBA", "RGBA"),
        ("P", "RGB"),
        ("1", "L"),
        ("CMYK", "RGB"),
        ("YCbCr", "RGB"),
    ],
)
def test_a_picture_comes_back_in_its_mode_or_the_nearest_that_holds_new_colours(
    paint: Inpainter, hole: Hole, mode: str, result: str
) -> None:
    image = Image.fromarray(_pixels(4)).convert("RGB" if mode in {"P", "1", "CMYK", "YCbCr"} else "RGBA")
    image = image.convert(mode)
    painted = paint(image, Image.fromarray(hole))
    assert (painted.mode, painted.size) == (result, image.size)
    known = np.asarray(image.convert(result))[~hole]
    np.testing.assert_array_equal(np.asarray(painted)[~hole], known)


def test_transparency_of_a_palette_becomes_alpha_and_is_kept(paint: Inpainter, hole: Hole) -> None:
    image = Image.fromarray(_pixels(3)).quantize(16)
    image.info["transparency"] = 3
    painted = paint(image, hole)
    assert painted.mode == "RGBA"
    assert "transparency" not in painted.info
    np.testing.assert_array_equal(np.asarray(painted)[..., 3], np.asarray(image.convert("RGBA"))[..., 3])


def test_colour_profile_and_metadata_stay_with_a_picture(paint: Inpainter, hole: Hole) -> None:
    image = Image.fromarray(_pixels(3))
    image.info |= {"icc_profile": b"profile", "dpi": (300, 300)}
    assert paint(image, hole).info == image.info


def test_an_empty_mask_gives_a_copy_and_says_so(paint: Inpainter) -> None:
    pixels = _pixels(3)
    with pytest.warns(PictureWarning, match="marks nothing"):
        painted = paint(pixels, np.zeros((HEIGHT, WIDTH), np.bool_))
    np.testing.assert_array_equal(painted, pixels)
    assert not np.shares_memory(painted, pixels)


def test_a_mask_of_everything_is_refused(paint: Inpainter) -> None:
    with pytest.raises(InputError, match="every pixel"):
        paint(_pixels(3), np.ones((HEIGHT, WIDTH), np.bool_))


def test_a_large_hole_is_painted_with_a_warning(paint: Inpainter, hole: Hole) -> None:
    with pytest.warns(PictureWarning, match=r"marks 93% .*more than 60%.*invert"):
        paint(_pixels(3), ~hole)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paint(_pixels(3), hole)


@pytest.mark.parametrize("level", [0.0, 0.4, 0.9])
def test_warnings_point_at_the_line_that_called(paint: Inpainter, level: float) -> None:
    mask = np.full((HEIGHT, WIDTH), level)
    mask[0] = 0
    with pytest.warns(PictureWarning) as caught:
        paint(_pixels(3), mask)
    assert {warning.filename for warning in caught} == {__file__}


def test_a_mask_of_another_size_is_refused(paint: Inpainter, hole: Hole) -> None:
    with pytest.raises(InputError, match="mask must have the image's size 64x48, got 48x64; "):
        paint(_pixels(3), hole.T)


@pytest.mark.parametrize(
    "image",
    [
        None,
        [[0]],
        np.zeros((HEIGHT, WIDTH, 3), np.float32),
        np.zeros((HEIGHT, WIDTH, 3), np.int16),
        np.zeros((HEIGHT, WIDTH, 1), np.uint8),
        np.zeros((HEIGHT, WIDTH, 2), np.uint8),
        np.zeros((1, HEIGHT, WIDTH, 3), np.uint8),
        np.zeros(WIDTH, np.uint8),
        Image.new("I", (WIDTH, HEIGHT)),
        Image.new("F", (WIDTH, HEIGHT)),
        Image.new("LAB", (WIDTH, HEIGHT)),
    ],
    ids=lambda image: getattr(image, "mode", None) or str(getattr(image, "shape", image)),
)
def test_what_is_no_picture_is_refused(paint: Inpainter, hole: Hole, image: object) -> None:
    with pytest.raises(InputError, match="convert it"):
        paint(image, hole)  # type: ignore[call-overload]


def test_a_picture_without_pixels_is_refused(paint: Inpainter) -> None:
    with pytest.raises(InputError, match="at least one pixel"):
        paint(np.zeros((0, 5, 3), np.uint8), np.zeros((0, 5), np.bool_))


@pytest.mark.parametrize("bad", [np.ones((HEIGHT, WIDTH), np.uint8), np.ones((HEIGHT, WIDTH), np.int64)])
def test_a_mask_that_may_mean_anything_is_refused(paint: Inpainter, bad: Pixels) -> None:
    with pytest.raises(InputError, match="mask must"):
        paint(_pixels(3), bad)


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_16_bits_are_kept_and_painted_as_finely(
    paint: Inpainter, hole: Hole, channels: tuple[int, ...]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 65_536, (HEIGHT, WIDTH, *channels), np.uint16)
    painted = paint(pixels, hole)
    assert painted.dtype == np.uint16
    assert painted.shape == pixels.shape
    np.testing.assert_array_equal(painted[~hole], pixels[~hole])
    colours = pixels[..., :3] if channels else pixels[..., None]
    inside = painted[..., :3] if channels else painted[..., None]
    # The stand-in paints the mean of the network's picture, which mirrors the rows: the same within a few %.
    np.testing.assert_allclose(inside[hole].mean(axis=0), colours[~hole].mean(axis=0), rtol=0.03)
    assert (inside[hole] % 257 != 0).any()  # no 8-bit levels


def test_large_holes_are_painted_in_16_bits_too(paint: Inpainter) -> None:
    pixels = np.full((300, 300, 3), 12_345, np.uint16)
    hole = np.zeros((300, 300), np.bool_)
    hole[50:250, 50:250] = True
    np.testing.assert_allclose(paint(pixels, hole), pixels, atol=1)


def test_a_16_bit_pil_picture_comes_back_as_one(paint: Inpainter, hole: Hole) -> None:
    pixels = np.random.default_rng(0).integers(0, 65_536, (HEIGHT, WIDTH), np.uint16)
    painted = paint(Image.fromarray(pixels), hole)
    assert painted.mode == "I;16"
    np.testing.assert_array_equal(np.asarray(painted)[~hole], pixels[~hole])


def test_dilating_paints_more_and_feathering_stays_inside(paint: Inpainter, hole: Hole) -> None:
    pixels = _pixels(3)
    grown = paint(pixels, hole, dilate=3)
    np.testing.assert_array_equal(grown, paint(pixels, dilate(hole, 3)))
    soft = paint(pixels, hole, dilate=3, feather=2)
    np.testing.assert_array_equal(soft[~dilate(hole, 3)], pixels[~dilate(hole, 3)])
    np.testing.assert_array_equal(soft[hole], grown[hole])
    assert (soft != grown).any()
    with pytest.raises(InputError, match="dilate must be 0 to 512"):
        paint(pixels, hole, dilate=-1)


@pytest.mark.parametrize(
    "wrong", [{"dilate": 1.5}, {"feather": 0.5}, {"dilate": "3"}, {"feather": float("nan")}]
)
def test_what_is_no_number_of_pixels_is_refused_before_painting(
    paint: Inpainter, hole: Hole, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]
) -> None:
    monkeypatch.setattr("splpaint.inference.painter.paint_any_size", None)
    with pytest.raises(InputError, match="must be 0 to 512 pixels, got "):
        paint(_pixels(3), hole, **wrong)


def test_many_are_painted_in_order_and_a_bad_one_does_not_end_the_rest(paint: Inpainter, hole: Hole) -> None:
    pictures = [np.roll(_pixels(3), shift, axis=0) for shift in range(20)]
    masks = [hole if number != 7 else hole.T for number in range(20)]
    painted = list(paint.many(zip(pictures, masks, strict=True), dilate=1))
    assert [number for number, result in enumerate(painted) if isinstance(result, InputError)] == [7]
    for number, picture in enumerate(pictures):
        if number != 7:
            np.testing.assert_array_equal(np.asarray(painted[number]), paint(picture, hole, dilate=1))


def test_many_takes_its_pairs_only_as_needed(paint: Inpainter, hole: Hole) -> None:
    taken = []

    def pairs() -> Iterator[tuple[Pixels, Hole]]:
        for number in range(1000):
            taken.append(number)
            yield _pixels(3), hole

    results = paint.many(pairs())
    next(results)
    next(results)
    assert len(taken) <= usable_cores() + 4
    results.close()
    assert len(taken) <= usable_cores() + 4


def _encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    image = Image.fromarray(_pixels(3)).transpose(Image.Transpose.ROTATE_90)
    return _encoded(image, "PNG", exif=exif.tobytes(), icc_profile=b"profile")


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_gives_an_upright_picture_with_its_profile(
    paint: Inpainter, hole: Hole, tmp_path: Path, kind: type[str] | type[Path]
) -> None:
    (tmp_path / "a.png").write_bytes(_turned())
    Image.fromarray(hole).save(tmp_path / "mask.png")
    painted = paint(kind(tmp_path / "a.png"), kind(tmp_path / "mask.png"))
    np.testing.assert_array_equal(np.asarray(painted), paint(_pixels(3), hole))
    assert painted.info["icc_profile"] == b"profile"
    assert painted.getexif()[0x010F] == "Maker"
    assert 0x0112 not in painted.getexif()


def test_bytes_give_the_bytes_of_the_file_that_the_command_writes(
    paint: Inpainter, hole: Hole, tmp_path: Path
) -> None:
    mask = Image.fromarray(hole)
    for name, data in {
        "a.png": _turned(),
        "b.jpg": _encoded(Image.fromarray(_pixels(3)), "JPEG", quality=71, subsampling=1),
        "c.png": _encoded(Image.fromarray(_pixels().astype(np.uint16) * 200), "PNG"),
        "d.gif": _encoded(Image.fromarray(_pixels()), "GIF"),
    }.items():
        photo = read_photo(tmp_path / name, data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a GIF cannot be written
            got = paint(data, _encoded(mask, "PNG"), dilate=2)
        wanted = encode_photo(
            photo,
            paint(photo.image, hole, dilate=2),
            format_of(Path(name).with_suffix(".png" if name == "d.gif" else Path(name).suffix)),
        )
        assert got == wanted
        assert isinstance(got, bytes)


def test_bytes_without_a_hole_come_back_as_they_were(paint: Inpainter) -> None:
    data = _encoded(Image.fromarray(_pixels(3)), "JPEG", quality=71)
    with pytest.warns(PictureWarning, match="marks nothing"):
        assert paint(data, np.zeros((HEIGHT, WIDTH), np.bool_)) == data


def test_16_bit_colours_come_back_as_bytes_but_not_as_a_picture(
    paint: Inpainter, hole: Hole, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(0).integers(0, 65_536, (HEIGHT, WIDTH, 3), np.uint16)
    assert cv2.imwrite(str(tmp_path / "a.png"), pixels)
    painted = cv2.imdecode(
        np.frombuffer(paint((tmp_path / "a.png").read_bytes(), hole), np.uint8), cv2.IMREAD_UNCHANGED
    )
    assert painted is not None
    np.testing.assert_array_equal(painted[~hole], pixels[~hole])
    with pytest.raises(InputError, match=r"16 bits, which a PIL picture cannot hold.*read_bytes"):
        paint(tmp_path / "a.png", hole)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (b"", "image is not a picture"),
        (b"no picture", "image is not a picture"),
        ("none.png", "none.png does not exist"),
        (Path("none.png"), "none.png does not exist"),
        (_encoded(Image.new("RGB", (5, 6)), "PNG"), "mask must have the image's size 5x6, got 64x48"),
    ],
)
def test_files_that_cannot_be_painted_are_refused(
    paint: Inpainter, hole: Hole, image: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        paint(image, hole)
    with pytest.raises(InputError, match="mask is not a picture"):
        paint(_pixels(3), b"no mask")


def test_many_takes_files_too(paint: Inpainter, hole: Hole, tmp_path: Path) -> None:
    data, mask = _encoded(Image.fromarray(_pixels(3)), "PNG"), _encoded(Image.fromarray(hole), "PNG")
    (tmp_path / "a.png").write_bytes(data)
    assert list(paint.many([(data, mask)] * 3)) == [paint(data, mask)] * 3
    for picture in paint.many([(tmp_path / "a.png", mask)] * 3):
        np.testing.assert_array_equal(np.asarray(picture), paint(_pixels(3), hole))


def test_damaged_files_are_painted_if_asked(paint: Inpainter, hole: Hole, tmp_path: Path) -> None:
    data = _encoded(Image.fromarray(_pixels(3)), "PNG")[:-4]
    (tmp_path / "a.png").write_bytes(data)
    for image in (data, tmp_path / "a.png"):
        with pytest.raises(DamagedError, match="accept_damaged=True"):
            paint(image, hole)
    with pytest.warns(PictureWarning, match="image is damaged: no part of the picture is missing"):
        painted = paint(data, hole, accept_damaged=True)
    assert painted == paint(_encoded(Image.fromarray(_pixels(3)), "PNG"), hole)
    with pytest.warns(PictureWarning, match=r"a\.png is damaged"):
        picture = paint(tmp_path / "a.png", hole, accept_damaged=True)
    np.testing.assert_array_equal(np.asarray(picture), paint(_pixels(3), hole))
    with pytest.warns(PictureWarning, match="image is damaged"):
        assert list(paint.many([(data, hole)], accept_damaged=True)) == [painted]


def test_progress_is_told_over_the_crops(paint: Inpainter) -> None:
    hole = np.zeros((300, 400), np.bool_)
    hole[5:9, 5:9] = hole[280:290, 380:390] = True
    told: list[tuple[int, int]] = []
    paint(np.zeros((300, 400, 3), np.uint8), hole, progress=lambda *numbers: told.append(numbers))
    assert told == [(1, 2), (2, 2)]


def test_it_says_what_it_runs(paint: Inpainter) -> None:
    assert (paint.model, paint.engine, paint.precision) == ("stand-in", "OpenVINO CPU", "fp32")


def test_many_threads_share_one_painter(paint: Inpainter, hole: Hole) -> None:
    pictures = [np.roll(_pixels(3), shift, axis=0) // (1 + shift % 3) for shift in range(24)]
    one_by_one = [paint(picture, hole) for picture in pictures]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda picture: paint(picture, hole), pictures))
    for expected, got in zip(one_by_one, together, strict=True):
        np.testing.assert_array_equal(got, expected)


def test_the_package_offers_it_by_name(tmp_path: Path) -> None:
    assert splpaint.load_inpainter is load_inpainter
    assert splpaint.Inpainter is Inpainter
    with pytest.raises(ModelError, match="compact"):
        splpaint.load_inpainter(tmp_path / "none")

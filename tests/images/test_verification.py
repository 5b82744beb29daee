from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images import output
from splpaint.images.formats import PNG
from splpaint.images.photo import read_photo
from splpaint.images.sixteen_bit import encode_deep
from splpaint.images.verification import UnfaithfulError, require_faithful

RNG = np.random.default_rng(0)
PROFILE = bytes(range(200))


@pytest.fixture(autouse=True)
def _same_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every test, whichever ran before it in the same process."""
    monkeypatch.setattr(f"{__name__}.RNG", np.random.default_rng(0))


def _photo_like(height: int, width: int) -> Image.Image:
    coarse = RNG.integers(0, 256, (max(1, height // 20), max(1, width // 20), 3), np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    return Image.fromarray((smooth + RNG.normal(0, 4, smooth.shape)).clip(0, 255).astype(np.uint8))


def _hard_pictures() -> list[Image.Image]:
    dots = RNG.integers(0, 2, (320, 304, 3), np.uint8) * 255
    return [
        _photo_like(300, 290),
        Image.fromarray(dots),
        Image.fromarray(dots[:30, :40].repeat(9, axis=0).repeat(9, axis=1)),
        Image.fromarray(np.tile(np.array([[[255, 0, 0], [0, 255, 255]]], np.uint8), (64, 64, 1))),
        Image.fromarray(dots[:37, :51]),
        Image.fromarray(dots[:1, :1]),
    ]


def _encoded(image: Image.Image, name: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("quality", [1, 10, 50, 75, 90, 100])
def test_what_a_jpeg_rounds_is_no_fault(quality: int, subsampling: int) -> None:
    for image in _hard_pictures():
        for mode in ["RGB", "L"]:
            options = {"quality": quality} | ({"subsampling": subsampling} if mode == "RGB" else {})
            plain = image.convert(mode)
            require_faithful(_encoded(plain, "JPEG", **options), plain, "JPEG", options)


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("size", [(37, 51), (15, 15), (16, 17), (8, 8), (3, 40), (255, 257), (300, 310)])
def test_noise_of_any_size_is_no_fault_of_a_coarse_jpeg(size: tuple[int, int], subsampling: int) -> None:
    for seed in range(10):
        noise = np.random.default_rng(seed).integers(0, 2, (*size, 3), np.uint8) * 255
        image = Image.fromarray(noise)
        for quality in (1, 10, 75):
            options = {"quality": quality, "subsampling": subsampling}
            require_faithful(_encoded(image, "JPEG", **options), image, "JPEG", options)


@pytest.mark.parametrize("quality", [1, 50, 75, 100])
@pytest.mark.parametrize("name", ["WEBP", "AVIF", "HEIF", "JXL"])
def test_what_other_formats_round_is_no_fault(name: str, quality: int) -> None:
    _load_plugin(name)
    options: dict[str, Any] = {"quality": min(quality, 99)}
    for image in _hard_pictures():
        for mode in ["RGB", "L", "RGBA"]:
            plain = image.convert(mode)
            if mode == "RGBA":
                plain.putalpha(image.convert("L"))
            require_faithful(_encoded(plain, name, **options), plain, name, options)


def _load_plugin(name: str) -> None:
    if name == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    if name == "JXL":
        pytest.importorskip("pillow_jxl")


def _swap_colours(image: Image.Image) -> Image.Image:
    return Image.merge("RGB", image.split()[::-1])


def _brighten(image: Image.Image) -> Image.Image:
    return image.point(lambda level: min(255, level + 45))


def _blacken_a_block(image: Image.Image) -> Image.Image:
    changed = image.copy()
    changed.paste((0, 255, 0), (160, 96, 192, 128))
    return changed


@pytest.mark.parametrize("change", [_swap_colours, _brighten, _blacken_a_block])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("JPEG", {"quality": 90}),
        ("WEBP", {"quality": 90}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {"quality": 90}),
        ("PNG", {}),
        ("TIFF", {}),
        ("BMP", {}),
    ],
)
def test_another_picture_is_found_out(
    name: str, options: dict[str, Any], change: Callable[[Image.Image], Image.Image]
) -> None:
    image = _photo_like(480, 640)
    with pytest.raises(UnfaithfulError, match=r"differ"):
        require_faithful(_encoded(change(image), name, **options), image, name, options)
    with pytest.raises(UnfaithfulError, match=r"pixels instead of"):
        require_faithful(_encoded(image.crop((0, 0, 639, 480)), name, **options), image, name, options)


def test_one_block_of_a_jpeg_is_found_out_by_the_energy_that_its_table_allows() -> None:
    image = _photo_like(480, 640)
    changed = np.asarray(image).copy()
    changed[472:480, 8:16] ^= 32
    with pytest.raises(UnfaithfulError, match="rows 472 to 479"):
        require_faithful(
            _encoded(Image.fromarray(changed), "JPEG", quality=95), image, "JPEG", {"quality": 95}
        )


@pytest.mark.parametrize("name", ["PNG", "TIFF", "BMP", "WEBP"])
def test_one_level_of_one_pixel_is_found_out_where_nothing_may_be_lost(name: str) -> None:
    image = _photo_like(1100, 30)
    changed = image.copy()
    red, *others = image.getpixel((7, 1090))  # type: ignore[misc]
    changed.putpixel((7, 1090), (red ^ 1, *others))
    with pytest.raises(UnfaithfulError, match="rows 1024 to 1099"):
        require_faithful(_encoded(changed, name, lossless=True), image, name, {"lossless": True})
    require_faithful(_encoded(image, name, lossless=True), image, name, {"lossless": True})


@pytest.mark.parametrize("name", ["PNG", "TIFF"])
@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_16_bits_are_compared_whole(name: str, channels: tuple[int, ...]) -> None:
    pixels = RNG.integers(0, 65_536, (40, 50, *channels), np.uint16)
    data = encode_deep(pixels, name, {}).getvalue()
    require_faithful(data, pixels, name, {})
    changed = pixels.copy()
    changed[39, 49] ^= 1
    with pytest.raises(UnfaithfulError, match="rows 0 to 39"):
        require_faithful(data, changed, name, {})
    with pytest.raises(UnfaithfulError, match="no picture of 16 bits"):
        require_faithful(data, changed[1:], name, {})


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_lost_profile_exif_data_and_a_turn_are_found_out(name: str) -> None:
    image = _photo_like(48, 64)
    data = _encoded(image, name)
    with pytest.raises(UnfaithfulError, match="icc_profile differs"):
        require_faithful(data, image, name, {"icc_profile": PROFILE, "quality": 75})
    if name != "TIFF":
        with pytest.raises(UnfaithfulError, match="exif differs"):
            require_faithful(data, image, name, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0", "quality": 75})
    exif = Image.Exif()
    exif[0x0112] = 6
    with pytest.raises(UnfaithfulError, match="turned"):
        require_faithful(_encoded(image, name, exif=exif), image, name, {"quality": 75})


def test_what_is_not_the_picture_is_an_error_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = _photo_like(48, 64)
    image.save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    spoilt = io.BytesIO(_encoded(_brighten(image), "PNG"))
    monkeypatch.setattr(output, "_encoded", lambda *_: spoilt)
    with pytest.raises(
        InputError, match=r"a\.png cannot be written as PNG \(its pixels differ in the rows 0 to 47\)"
    ):
        output.encode_photo(photo, photo.image, PNG)

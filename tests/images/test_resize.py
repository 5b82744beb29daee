from __future__ import annotations

import math
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from splpaint.images.arrays import Pixels
from splpaint.images.resize import (
    CropBox,
    Resampling,
    centre_square,
    fit_hole,
    resample,
    squeeze_box,
)

side = st.integers(1, 90)


def _noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def _resized(pixels: Pixels, width: int, height: int, how: Resampling) -> Pixels:
    return resample(pixels, CropBox(0, 0, pixels.shape[1], pixels.shape[0]), width, height, how)


@pytest.mark.parametrize(
    ("height", "width", "side"), [(300, 200, 256), (97, 640, 64), (40, 40, 512), (1, 7, 16)]
)
def test_squeezing_samples_where_opencv_does(height: int, width: int, side: int) -> None:
    pixels = _noise(height, width)
    squeezed = squeeze_box(pixels, CropBox(0, 0, width, height), side)
    wanted = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_LINEAR)
    assert np.abs(squeezed.astype(int) - np.asarray(wanted, dtype=int)).max() <= 1  # its weights have 11 bits


@given(height=side, width=side, new_height=side, new_width=side, seed=st.integers(0, 9))
def test_bilinear_is_opencv_s_to_the_bit(
    height: int, width: int, new_height: int, new_width: int, seed: int
) -> None:
    pixels = _noise(height, width, seed)
    wanted = cv2.resize(pixels, (new_width, new_height), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(_resized(pixels, new_width, new_height, Resampling.BILINEAR), wanted)


@pytest.mark.parametrize("size", [(256, 256), (512, 512), (150, 100), (1200, 1600), (37, 41)])
def test_bilinear_is_opencv_s_at_photographs_sizes_and_at_halves_and_doubles(size: tuple[int, int]) -> None:
    pixels = _noise(300, 200)
    wanted = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(_resized(pixels, *size, Resampling.BILINEAR), wanted)
    wanted = cv2.resize(pixels[:, ::-1], (100, 150), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(_resized(pixels[:, ::-1], 100, 150, Resampling.BILINEAR), wanted)


def _cubic(x: float) -> float:
    x = abs(x)
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0


def _lanczos(x: float) -> float:
    return float(np.sinc(x) * np.sinc(x / 3)) if abs(x) < 3 else 0


def _box(x: float) -> float:
    return float(-0.5 < x <= 0.5)


def _weights(how: Resampling, size: int, new_size: int) -> np.ndarray:
    """The definition of a resampling on one axis: float64 (new_size,size)."""
    shrink = max(1.0, size / new_size)
    kernel = {Resampling.BICUBIC: _cubic, Resampling.LANCZOS: _lanczos}.get(
        how, _box if shrink > 1 else _cubic
    )
    weights = np.empty((new_size, size))
    for new in range(new_size):
        centre = (new + 0.5) * size / new_size
        weights[new] = [kernel((old + 0.5 - centre) / shrink) for old in range(size)]
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("how", [Resampling.AREA, Resampling.BICUBIC, Resampling.LANCZOS])
@pytest.mark.parametrize(
    ("size", "new_size"),
    [
        ((60, 80), (32, 32)),
        ((20, 90), (32, 32)),
        ((90, 20), (32, 32)),
        ((16, 16), (33, 47)),
        ((40, 24), (10, 8)),
    ],
)
def test_filters_are_their_definitions(
    how: Resampling, size: tuple[int, int], new_size: tuple[int, int]
) -> None:
    # Smooth, so that nothing is clipped between Pillow's two passes.
    pixels = np.asarray(Image.fromarray(_noise(5, 5) // 2 + 64).resize(size[::-1], Image.Resampling.BICUBIC))
    down, across = (_weights(how, old, new) for old, new in zip(size, new_size, strict=True))
    wanted = np.einsum("yY,xX,YXc->yxc", down, across, pixels)
    resized = _resized(pixels, new_size[1], new_size[0], how)
    assert resized.shape == (*new_size, 3)
    rounded_twice = 0.5 * np.abs(down).sum(axis=1).max() + 0.5
    np.testing.assert_allclose(
        resized, wanted, rtol=0, atol=rounded_twice + 0.02
    )  # Pillow's weights have 22 bits


@given(height=side, width=side, new_height=side, new_width=side)
def test_bicubic_and_lanczos_are_pillow_s_to_the_bit(
    height: int, width: int, new_height: int, new_width: int
) -> None:
    pixels = _noise(height, width)
    for how, method in (
        (Resampling.BICUBIC, Image.Resampling.BICUBIC),
        (Resampling.LANCZOS, Image.Resampling.LANCZOS),
    ):
        wanted = Image.fromarray(pixels).resize((new_width, new_height), method)
        np.testing.assert_array_equal(_resized(pixels, new_width, new_height, how), wanted)


@pytest.mark.parametrize("how", Resampling)
def test_only_what_is_in_the_box_counts(how: Resampling) -> None:
    pixels = _noise(60, 80)
    around = pixels.copy()
    around[:, :10] = around[:, 70:] = 255
    box = centre_square(80, 60)
    np.testing.assert_array_equal(resample(around, box, 20, 20, how), resample(pixels, box, 20, 20, how))
    assert (resample(around, CropBox(0, 0, 80, 60), 20, 20, how) == 255).any()


def test_a_box_of_a_hole_is_resized_by_nearest_pixel() -> None:
    hole = np.random.default_rng(0).random((60, 100)) < 0.5
    np.testing.assert_array_equal(fit_hole(hole, centre_square(100, 60), 30, 30), hole[1::2, 21:80:2])
    np.testing.assert_array_equal(fit_hole(hole, CropBox(0, 0, 100, 60), 50, 30), hole[1::2, 1::2])
    doubled = np.kron(hole[:, :60], np.ones((2, 2), bool))
    np.testing.assert_array_equal(fit_hole(hole, CropBox(0, 0, 60, 60), 120, 120), doubled)


@given(height=side, width=side, new_height=st.integers(1, 120), new_width=st.integers(1, 120))
def test_a_new_pixel_of_a_hole_is_the_old_one_under_its_centre(
    height: int, width: int, new_height: int, new_width: int
) -> None:
    hole = np.random.default_rng(height * width).random((height, width)) < 0.5
    fitted = fit_hole(hole, CropBox(0, 0, width, height), new_width, new_height)
    assert fitted.shape == (new_height, new_width)
    assert fitted.dtype == np.bool_
    for share in (0, Fraction(1, 3), Fraction(99, 100)):
        y, x = math.floor(share * new_height), math.floor(share * new_width)
        old_y = math.floor(Fraction(2 * y + 1, 2 * new_height) * height)
        old_x = math.floor(Fraction(2 * x + 1, 2 * new_width) * width)
        assert fitted[y, x] == hole[old_y, old_x]

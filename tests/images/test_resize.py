from __future__ import annotations

import math
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from splpaint.images.resize import CropBox, fit_hole, squeeze_box


@pytest.mark.parametrize(
    ("height", "width", "side"), [(300, 200, 256), (97, 640, 64), (40, 40, 512), (1, 7, 16)]
)
def test_squeezing_samples_where_opencv_does(height: int, width: int, side: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    squeezed = squeeze_box(pixels, CropBox(0, 0, width, height), side)
    wanted = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_LINEAR)
    assert np.abs(squeezed.astype(int) - np.asarray(wanted, dtype=int)).max() <= 1  # its weights have 11 bits


def test_a_hole_of_a_photograph_s_format_is_cropped_and_resized_by_nearest_pixel() -> None:
    hole = np.random.default_rng(0).random((60, 100)) < 0.5
    np.testing.assert_array_equal(fit_hole(hole, 30), hole[1::2, 21:80:2])
    np.testing.assert_array_equal(fit_hole(hole[:, :60], 120), np.kron(hole[:, :60], np.ones((2, 2), bool)))


@given(height=st.integers(1, 90), width=st.integers(1, 90), side_px=st.integers(1, 120))
def test_a_new_pixel_of_a_hole_is_the_old_one_under_its_centre(height: int, width: int, side_px: int) -> None:
    hole = np.random.default_rng(height * width).random((height, width)) < 0.5
    fitted = fit_hole(hole, side_px)
    assert fitted.shape == (side_px, side_px)
    assert fitted.dtype == np.bool_
    side = min(height, width)
    for place in (0, side_px // 3, side_px - 1):
        old = math.floor(Fraction(2 * place + 1, 2 * side_px) * side)
        assert fitted[place, place] == hole[(height - side) // 2 + old, (width - side) // 2 + old]

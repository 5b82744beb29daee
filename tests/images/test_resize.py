from __future__ import annotations

import cv2
import numpy as np
import pytest

from splpaint.images.resize import Box, centre_square, resize_hole, squeeze_box


@pytest.mark.parametrize(
    ("height", "width", "side"), [(300, 200, 256), (97, 640, 64), (40, 40, 512), (1, 7, 16)]
)
def test_squeezing_samples_where_opencv_does(height: int, width: int, side: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    squeezed = squeeze_box(pixels, Box(0, 0, width, height), side)
    wanted = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_LINEAR)
    assert np.abs(squeezed.astype(int) - np.asarray(wanted, dtype=int)).max() <= 1  # its weights have 11 bits


def test_a_hole_stays_a_hole_when_resized() -> None:
    hole = np.zeros((512, 640), np.bool_)
    hole[:, 320:] = True
    resized = resize_hole(hole, centre_square(640, 512), 256)
    assert resized.dtype == np.bool_
    assert not resized[:, :128].any()
    assert resized[:, 128:].all()

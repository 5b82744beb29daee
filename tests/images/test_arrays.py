from __future__ import annotations

import numpy as np
import pytest

from splpaint.images.arrays import Pixels, composite, to_pixels, to_planes


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

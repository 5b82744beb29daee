from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from splpaint.evaluation.pixel import psnr_in_hole
from splpaint.images import Hole
from splpaint.inference.any_size import paint_any_size
from splpaint.inference.texture import continue_texture


def disc(height: int, width: int, radius: int) -> Hole:
    y, x = np.mgrid[:height, :width]
    hole: Hole = np.hypot(y - height // 2, x - width // 2) < radius
    return hole


def mean_of_known(image: NDArray[Any], hole: Hole) -> NDArray[Any]:
    painted = image.copy()
    painted[hole] = image[~hole].mean(axis=0)
    return painted


def weave(height: int, width: int, thread: int = 8) -> NDArray[np.uint8]:
    """A cloth of two colours whose pattern comes again every two threads."""
    y, x = np.mgrid[:height, :width]
    over = ((x // thread + y // thread) % 2)[..., None]
    cloth = np.where(over, (200, 60, 40), (40, 120, 160)) + ((x + y) % thread * 2)[..., None]
    pixels: NDArray[np.uint8] = cloth.astype(np.uint8)
    return pixels


@pytest.mark.parametrize(("side", "thread", "least_db"), [(240, 8, 30), (700, 30, 2)])
def test_a_pattern_goes_on_through_the_hole(side: int, thread: int, least_db: float) -> None:
    truth, hole = weave(side, side + 40, thread), disc(side, side + 40, side // 5)
    smooth = mean_of_known(truth, hole)
    filled = continue_texture(truth, hole, smooth, thickness_px=side // 4)
    gain = psnr_in_hole(filled, truth, hole) - psnr_in_hole(smooth, truth, hole)
    assert gain > least_db
    np.testing.assert_array_equal(filled[~hole], truth[~hole])


def test_what_belongs_where_comes_from_the_painting() -> None:
    random = np.random.default_rng(0)
    grain = random.normal(0, 12, (200, 300, 1))
    truth = np.where(np.arange(300)[None, :, None] < 150, (60, 110, 60), (150, 120, 90)) + grain
    image = np.clip(truth, 0, 255).astype(np.uint8)
    hole = disc(200, 300, 45)
    painted = image.copy()
    painted[hole & (np.arange(300)[None, :] < 150)] = (60, 110, 60)
    painted[hole & (np.arange(300)[None, :] >= 150)] = (150, 120, 90)
    filled = continue_texture(image, hole, painted, thickness_px=60).astype(float)
    for columns, colour in ((slice(110, 140), (60, 110, 60)), (slice(160, 190), (150, 120, 90))):
        inside = filled[80:120, columns]
        np.testing.assert_allclose(inside.mean(axis=(0, 1)), colour, atol=8)
        assert inside.std(axis=(0, 1)).min() > 6  # the grain is there, too


def test_a_sky_has_no_seam() -> None:
    y, x = np.mgrid[:300, :300]
    sky = np.stack([90 + y / 6, 140 + y / 8 + x / 20, 220 + x / 30], axis=2)
    image, hole = np.rint(sky).astype(np.uint8), disc(300, 300, 60)
    filled = continue_texture(image, hole, mean_of_known(image, hole), thickness_px=85).astype(float)
    down = np.abs(np.diff(filled, axis=0))[hole[1:] != hole[:-1]]
    assert down.max() <= 6
    assert down.mean() < 2


def test_what_lies_in_the_hole_has_no_influence_and_each_time_is_the_same() -> None:
    truth, hole = weave(160, 200), disc(160, 200, 40)
    painted = mean_of_known(truth, hole)
    other = truth.copy()
    other[hole] = 255
    first, again, second = (
        continue_texture(image, hole, painted, thickness_px=56) for image in (truth, truth, other)
    )
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, second)


def test_sixteen_bits_are_filled_alike() -> None:
    truth, hole = weave(160, 200), disc(160, 200, 40)
    painted = mean_of_known(truth, hole)
    eight = continue_texture(truth, hole, painted, thickness_px=56)
    deep = continue_texture(
        truth.astype(np.uint16) * 257, hole, painted.astype(np.uint16) * 257, thickness_px=56
    )
    assert deep.dtype == np.uint16
    np.testing.assert_allclose(deep / 257, eight, atol=1)


def test_where_little_is_known_the_painting_stays() -> None:
    image = weave(100, 100)
    hole = np.ones((100, 100), np.bool_)
    hole[:6] = False
    painted = mean_of_known(image, hole)
    np.testing.assert_array_equal(continue_texture(image, hole, painted, thickness_px=94), painted)


@settings(max_examples=25)
@given(
    height=st.integers(16, 150),
    width=st.integers(16, 150),
    seed=st.integers(0, 2**32 - 1),
    share=st.floats(0.05, 0.95),
)
def test_any_hole_in_any_picture_is_filled_with_its_colours(
    height: int, width: int, seed: int, share: float
) -> None:
    random = np.random.default_rng(seed)
    image = random.integers(100, 140, (height, width, 3), dtype=np.uint8)
    hole = np.zeros((height, width), np.bool_)
    tall, wide = max(1, int(height * share)), max(1, int(width * share))
    top, left = random.integers(0, height - tall + 1), random.integers(0, width - wide + 1)
    hole[top : top + tall, left : left + wide] = True
    painted = mean_of_known(image, hole)
    filled = continue_texture(image, hole, painted, thickness_px=min(tall, wide))
    np.testing.assert_array_equal(filled[~hole], image[~hole])
    assert filled.min() >= 64  # shifted by at most 2 %, corrected by at most 12 %
    assert filled.max() <= 176


class Grey:
    """A network that paints everything grey."""

    name = precision = "stand-in"

    def __call__(self, planes: NDArray[np.float32], hole: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.full_like(planes, 0.5)


@pytest.mark.parametrize(("radius", "textured"), [(18, False), (40, True)])
def test_thick_holes_get_texture_and_thin_ones_are_the_networks(radius: int, textured: bool) -> None:
    image, hole = weave(256, 256), disc(256, 256, radius)
    painted = paint_any_size(Grey(), image, hole, working_size_px=256, size_multiple=64, texture=True)
    assert (painted[hole].std(axis=0).min() > 20) == textured
    bare = paint_any_size(Grey(), image, hole, working_size_px=256, size_multiple=64)
    assert bool((bare[hole] == 128).all())

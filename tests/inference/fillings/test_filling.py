from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from splpaint.images.arrays import Hole, Planes, read_rgb
from splpaint.inference.any_size import paint_any_size
from splpaint.inference.fillings import fill, thick_regions
from splpaint.inference.fillings.copying import spread
from splpaint.metrics.continuity import border_step
from splpaint.metrics.noise import grain
from splpaint.metrics.pixel import psnr_in_hole
from splpaint.precision import Precision

PHOTOGRAPHS = Path(__file__).parents[3] / "examples" / "photographs"


def disc(height: int, width: int, radius: int) -> Hole:
    y, x = np.mgrid[:height, :width]
    hole: Hole = np.hypot(y - height // 2, x - width // 2) < radius
    return hole


def as_a_network(image: NDArray[Any], hole: Hole) -> NDArray[Any]:
    """The hole painted smooth, from the colours around it."""
    known = ~hole[..., None]
    smooth = spread(np.concatenate([image * known, known], axis=2).astype(np.float32))
    return np.where(hole[..., None], np.rint(smooth), image).astype(image.dtype)


def weave(height: int, width: int, thread: int = 8) -> NDArray[np.uint8]:
    """A cloth of two colours whose pattern comes again every two threads."""
    y, x = np.mgrid[:height, :width]
    over = ((x // thread + y // thread) % 2)[..., None]
    cloth = np.where(over, (200, 60, 40), (40, 120, 160)) + ((x + y) % thread * 2)[..., None]
    pixels: NDArray[np.uint8] = cloth.astype(np.uint8)
    return pixels


def filled(image: NDArray[Any], hole: Hole) -> NDArray[Any]:
    """Every thick region of a picture filled, over the colours around it."""
    canvas = as_a_network(image, hole)
    for window, thick in thick_regions(hole):
        fill(canvas[window.slices], hole[window.slices], thick)
    return canvas


@pytest.mark.parametrize(
    ("side", "thread", "radius", "least_db"),
    [(240, 8, 48, 6), (700, 30, 140, 3), (1200, 40, 250, 0.5)],  # as it is, reduced by three, by five
)
def test_a_pattern_goes_on_through_the_hole(side: int, thread: int, radius: int, least_db: float) -> None:
    truth, hole = weave(side, side + 40, thread), disc(side, side + 40, radius)
    result = filled(truth, hole)
    gain = psnr_in_hole(result, truth, hole) - psnr_in_hole(as_a_network(truth, hole), truth, hole)
    assert gain > least_db
    np.testing.assert_array_equal(result[~hole], truth[~hole])


def test_grain_comes_back_at_full_resolution() -> None:
    random = np.random.default_rng(0)
    image = np.clip(random.normal(128, 20, (800, 900, 3)), 0, 255).astype(np.uint8)
    hole = disc(800, 900, 200)  # reduced by three, which leaves a third of the grain
    inside = filled(image, hole)[hole].astype(float)
    assert 15 < inside.std(axis=0).min() <= inside.std(axis=0).max() < 25


def test_a_sky_has_no_seam() -> None:
    y, x = np.mgrid[:500, :500]
    sky = np.stack([90 + y / 6, 140 + y / 8 + x / 20, 220 + x / 30], axis=2)
    image, hole = np.rint(sky).astype(np.uint8), disc(500, 500, 110)
    result = filled(image, hole).astype(float)
    across_border = np.abs(np.diff(result, axis=0))[hole[1:] != hole[:-1]]
    assert across_border.max() <= 6
    assert across_border.mean() < 2


@pytest.mark.parametrize("deep", [False, True])
def test_a_plain_ground_is_continued_whatever_the_network_painted(deep: bool) -> None:
    """A red cloth in uneven light with some grain, over which a network has painted a dark blotch."""
    y, x = np.mgrid[:420, :500]
    light = 150 + 40 * np.sin(x / 300) + y / 20
    cloth = light[..., None] * (1, 0.25, 0.3) + np.random.default_rng(1).normal(0, 1, (420, 500, 3))
    truth = np.rint(cloth * (257 if deep else 1)).astype(np.uint16 if deep else np.uint8)
    hole = disc(420, 500, 100)
    canvas = np.where(hole[..., None], truth // 2, truth)
    for window, thick in thick_regions(hole):
        fill(canvas[window.slices], hole[window.slices], thick)
    error = (canvas[hole].astype(float) - truth[hole]) / (257 if deep else 1)
    assert np.abs(error).mean() < 2
    assert np.abs(error.mean(axis=0)).max() < 0.5
    assert 0.4 < grain(np.rint(canvas / (257 if deep else 1)).astype(np.uint8), hole) < 1.3


@pytest.mark.parametrize("name", ["canyon", "cat", "house"])
def test_a_copy_meets_what_is_around_it(name: str) -> None:
    truth = read_rgb(PHOTOGRAPHS / f"{name}.webp")
    hole = disc(len(truth), len(truth[0]), 130)
    assert border_step(filled(truth, hole), truth, hole) < 1.5  # copied as it is: 1.7 to 2


def test_a_blurred_background_gets_no_edges() -> None:
    y, x = np.mgrid[:700, :900]
    soft = 90 + 60 * np.sin(x / 70) * np.cos(y / 90)
    noise = np.random.default_rng(5).normal(0, 1, soft.shape)
    image = np.repeat((soft + noise)[..., None], 3, axis=2).astype(np.uint8)
    hole = disc(700, 900, 190)
    result = filled(image, hole).astype(int)
    assert max(np.abs(np.diff(result, axis=axis)).max() for axis in (0, 1)) < 16


def test_a_gradient_of_sixteen_bits_has_no_bands() -> None:
    y, x = np.mgrid[:300, :300]
    levels = 20000 + y * 8.0 + x * 4.0  # steps of 8 bits would be bands of some 30 rows
    image = np.rint(np.stack([levels, levels + 500, levels + 1000], axis=2)).astype(np.uint16)
    hole = disc(300, 300, 60)
    result = filled(image, hole)
    steps = np.diff(result[100:200, 150].astype(float), axis=0)
    assert np.abs(steps).max() < 200  # a level of 8 bits is 257
    assert np.unique(result[hole][:, 0]).size > 500


def test_sixteen_bits_are_filled_as_well_as_eight() -> None:
    truth, hole = weave(160, 200), disc(160, 200, 40)
    eight, deep = filled(truth, hole), filled(truth.astype(np.uint16) * 257, hole)
    assert deep.dtype == np.uint16
    errors = [float(np.abs(result - truth)[hole].mean()) for result in (eight.astype(float), deep / 257)]
    assert errors[1] < 1.3 * errors[0]  # not equal: what eight bits need no reduction for is not copied again


def test_each_time_is_the_same() -> None:
    image, hole = weave(400, 500), disc(400, 500, 100)
    np.testing.assert_array_equal(filled(image, hole), filled(image, hole))


def test_what_stood_in_the_hole_has_no_influence() -> None:
    image, hole = weave(300, 400), disc(300, 400, 60)
    results = []
    for colour in (0, 200):
        canvas = np.where(hole[..., None], np.uint8(colour), image)
        for window, thick in thick_regions(hole):
            fill(canvas[window.slices], hole[window.slices], thick)
            canvas[window.slices][hole[window.slices] & ~thick] = 0
        results.append(canvas)
    np.testing.assert_array_equal(results[0], results[1])


def test_nothing_is_copied_from_other_holes() -> None:
    image = np.full((300, 400, 3), 100, np.uint8)
    hole = disc(300, 400, 40)
    scratch = np.zeros_like(hole)
    scratch[:, 120:130] = scratch[:, 270:280] = True
    hole |= scratch
    for window, thick in thick_regions(hole):
        image[window.slices][scratch[window.slices] & ~thick] = (255, 0, 0)
        fill(image[window.slices], hole[window.slices], thick)
        assert thick.any()
        np.testing.assert_array_equal(image[window.slices][thick], 100)


def test_where_little_is_known_the_painting_stays() -> None:
    hole = np.ones((100, 100), np.bool_)
    hole[:6] = False
    image = weave(100, 100)
    np.testing.assert_array_equal(filled(image, hole), as_a_network(image, hole))


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 150),
    width=st.integers(1, 150),
    seed=st.integers(0, 2**32 - 1),
    share=st.floats(0.02, 1),
    deep=st.booleans(),
)
def test_any_hole_in_any_picture_is_filled_with_its_colours(
    height: int, width: int, seed: int, share: float, deep: bool
) -> None:
    random = np.random.default_rng(seed)
    image: NDArray[Any] = random.integers(100, 140, (height, width, 3), dtype=np.uint8)
    if deep:
        image = image.astype(np.uint16) * 257
    hole = np.zeros((height, width), np.bool_)
    tall, wide = max(1, int(height * share)), max(1, int(width * share))
    top, left = random.integers(0, height - tall + 1), random.integers(0, width - wide + 1)
    hole[top : top + tall, left : left + wide] = True
    before = image.copy()
    fill(image, hole, hole)
    np.testing.assert_array_equal(image[~hole], before[~hole])
    scale = 257 if deep else 1
    assert image.min() >= 60 * scale
    assert image.max() <= 180 * scale


class Grey:
    """A network that paints everything grey."""

    name = "stand-in"
    precision: Precision = "fp32"

    def __call__(self, planes: Planes, hole: Planes) -> Planes:
        return np.full_like(planes, 0.5)


@pytest.mark.parametrize("radius", [10, 40])
def test_thin_and_thick_holes_get_texture_unless_it_is_off(radius: int) -> None:
    image, hole = weave(256, 256), disc(256, 256, radius)
    painted = paint_any_size(Grey(), image, hole, working_size_px=256, size_multiple=64, texture=True)
    assert painted[hole].std(axis=0).min() > 20
    bare = paint_any_size(Grey(), image, hole, working_size_px=256, size_multiple=64)
    assert bool((bare[hole] == 128).all())

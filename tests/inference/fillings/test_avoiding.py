"""Nothing is copied from where it is to be avoided."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from splpaint.images.arrays import Hole, Planes
from splpaint.inference.any_size import paint_any_size
from splpaint.inference.fillings import thick_regions
from splpaint.precision import Precision
from tests.inference.fillings.test_filling import disc, weave


class Grey:
    """A network that paints everything grey, whatever it sees: the rest is copied."""

    name = "stand-in"
    precision: Precision = "fp32"

    def __call__(self, planes: Planes, hole: Planes) -> Planes:
        return np.full_like(planes, 0.5)


def painted(image: NDArray[Any], hole: Hole, avoid: Hole | None) -> NDArray[Any]:
    return paint_any_size(
        Grey(), image, hole, working_size_px=256, size_multiple=64, texture=True, avoid=avoid
    )


def band(shape: tuple[int, int], top: int, height: int) -> Hole:
    marked = np.zeros(shape, np.bool_)
    marked[top : top + height] = True
    return marked


def magenta(image: NDArray[Any], where: Hole) -> NDArray[Any]:
    """The same with a colour that a weave does not have."""
    scale = np.iinfo(image.dtype).max // 255
    return np.where(where[..., None], np.array((255, 0, 255)) * scale, image).astype(image.dtype)


def share_of_magenta(image: NDArray[Any]) -> float:
    red, green, blue = (image.astype(float) / np.iinfo(image.dtype).max).T
    return float(((red > 0.9) & (blue > 0.9) & (green < 0.2)).mean())


@pytest.mark.parametrize("side", [300, 800])  # as it is, and reduced
@pytest.mark.parametrize("deep", [False, True])
def test_a_stripe_goes_on_through_the_hole_unless_it_is_to_be_avoided(side: int, deep: bool) -> None:
    image, hole = weave(side, side + 20, side // 40), disc(side, side + 20, side // 6)
    stripe = band(hole.shape, side // 2 - side // 20, side // 10)
    image = magenta(image.astype(np.uint16) * 257 if deep else image, stripe)
    assert share_of_magenta(painted(image, hole, None)[hole]) > 0.04
    result = painted(image, hole, stripe)
    assert share_of_magenta(result[hole]) == 0
    assert result[hole].std(axis=0).min() > 20, "texture from elsewhere"
    np.testing.assert_array_equal(result[~hole], image[~hole])


@settings(max_examples=6, deadline=None)
@given(
    top=st.integers(0, 250),
    height=st.integers(1, 60),
    radius=st.integers(32, 70),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_is_to_be_avoided_has_no_influence_on_what_is_copied(
    top: int, height: int, radius: int, seed: int
) -> None:
    image, hole = weave(260, 300), disc(260, 300, radius)
    image = image + np.random.default_rng(seed).integers(0, 9, image.shape, np.uint8)
    avoid = band(hole.shape, top, height)
    first, second = painted(image, hole, avoid), painted(magenta(image, avoid), hole, avoid)
    np.testing.assert_array_equal(first[hole], second[hole])


def test_what_is_to_be_avoided_around_a_hole_lets_it_look_farther() -> None:
    hole, near = disc(1300, 1400, 24), disc(1300, 1400, 200)
    image = magenta(weave(1300, 1400), near)
    result = painted(image, hole, near)
    assert share_of_magenta(result[hole]) == 0
    assert result[hole].std(axis=0).min() > 20
    ((window, _),) = thick_regions(hole, near)
    assert (~near[window.slices]).sum() >= hole.sum()
    assert window.area < hole.size


def test_detail_is_not_taken_from_what_is_to_be_avoided() -> None:
    random = np.random.default_rng(3)
    image = np.full((200, 200, 3), 120, np.uint8)
    noisy = np.zeros((200, 200), np.bool_)
    noisy[:, :170] = True
    image[noisy] += random.integers(0, 60, (int(noisy.sum()), 3), np.uint8)
    hole = np.zeros_like(noisy)
    hole[:, 98:103] = True
    assert painted(image, hole, None)[hole].std() > 5
    assert painted(image, hole, noisy)[:, 100].std() == 0, "not even beside it is anything but smoothed"

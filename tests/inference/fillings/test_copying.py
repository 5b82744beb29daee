from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from splpaint.inference.fillings.copying import copy_origins
from splpaint.inference.fillings.origins import Origins

SIDE_PX, REACH_PX = 96, 48


def _from_the_left(
    image: NDArray[Any], shade: float | NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """A square of the right half, filled from the same place in the left one, which is darker by ``shade``."""
    region = np.zeros((SIDE_PX, 2 * REACH_PX), np.bool_)
    region[30:60, REACH_PX + 10 : REACH_PX + 40] = True
    moves = np.zeros((*region.shape, 2), np.int64)
    moves[..., 1] = -REACH_PX
    origins = Origins(region, moves, np.zeros((*region.shape, 3), np.float32), error=0.0)
    lit = image.copy()
    lit[:, REACH_PX:] = (image[:, :REACH_PX] + shade).astype(image.dtype)
    filled = np.where(region[..., None], image.dtype.type(0), lit)
    copy_origins(filled, region, region, origins)
    return np.abs(filled.astype(float) - lit), region


def _noise(dtype: type[np.unsignedinteger[Any]], seed: int) -> NDArray[Any]:
    high = 100 * np.iinfo(dtype).max // 255
    return np.random.default_rng(seed).integers(0, high, (SIDE_PX, 2 * REACH_PX, 3)).astype(dtype)


@given(seed=st.integers(0, 2**32 - 1), shade=st.integers(0, 100))
def test_a_copy_from_a_darker_place_is_as_light_as_its_surroundings(seed: int, shade: int) -> None:
    apart, _ = _from_the_left(_noise(np.uint8, seed), shade)
    assert apart.max() <= 1  # rounding


def test_sixteen_bits_are_levelled_in_their_own_steps() -> None:
    apart, _ = _from_the_left(_noise(np.uint16, 0), 12_345)
    assert apart.max() <= 2  # of 65,535; float32 has 24 bits


@pytest.mark.parametrize("edge", ["top", "left"])
def test_a_gradient_across_the_border_goes_on_through_the_copy(edge: str) -> None:
    image = _noise(np.uint8, 1)
    ramp = np.linspace(0, 30, SIDE_PX)[:, None] if edge == "top" else np.linspace(0, 30, REACH_PX)[None]
    apart, region = _from_the_left(image, np.broadcast_to(ramp, (SIDE_PX, REACH_PX))[..., None])
    as_copied = np.broadcast_to(ramp, (SIDE_PX, REACH_PX))[region[:, REACH_PX:]]
    assert apart[region].mean() < as_copied.mean() / 3

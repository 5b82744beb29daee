from __future__ import annotations

import numpy as np
import pytest

from splpaint.images import Hole, Pixels
from splpaint.inference.fillings.patches import fill_by_patches, to_eight_bits

SIDE = 160
RED, BLUE = (180, 60, 50), (50, 80, 190)


def grounds(split: int = SIDE * 2 // 3) -> Pixels:
    """A grainy red ground, and from a column on a blue one."""
    grain = np.random.default_rng(3).integers(-25, 26, (SIDE, SIDE, 1))
    across = np.arange(SIDE)[None, :, None]
    pixels: Pixels = (np.where(across < split, RED, BLUE) + grain).astype(np.uint8)
    return pixels


def disc(row: int, column: int, radius: int) -> Hole:
    y, x = np.mgrid[:SIDE, :SIDE]
    hole: Hole = np.hypot(y - row, x - column) < radius
    return hole


@pytest.mark.parametrize("radius", [2, 5])
def test_a_ground_goes_on_with_its_grain(radius: int) -> None:
    hole = disc(80, 50, 24)
    damaged = np.where(hole[..., None], 0, grounds()).astype(np.uint8)
    filled = fill_by_patches(damaged, hole, ~hole, radius=radius)
    assert filled is not None
    np.testing.assert_array_equal(filled[~hole], damaged[~hole])
    np.testing.assert_allclose(filled[hole].mean(axis=0), RED, atol=12)
    assert filled[hole].std(axis=0).min() > 5


def test_what_is_not_known_is_not_copied() -> None:
    hole, known = disc(80, 100, 20), ~disc(80, 100, 20)
    known[:, : SIDE * 2 // 3] = False
    filled = fill_by_patches(grounds(), hole, known, radius=3)
    assert filled is not None
    np.testing.assert_allclose(filled[hole].mean(axis=0), BLUE, atol=12)


def test_each_time_is_the_same() -> None:
    hole = disc(80, 100, 24)
    first, second = (fill_by_patches(grounds(), hole, ~hole, radius=5) for _ in range(2))
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first, second)


def test_nothing_is_filled_where_too_little_is_known() -> None:
    known = disc(80, 80, 8)
    assert fill_by_patches(grounds(), ~known, known, radius=5) is None


def test_the_mean_of_sixteen_bits_is_that_of_eight() -> None:
    deep = np.full((200, 200, 3), 30_000, np.uint16)
    assert abs(to_eight_bits(deep).mean() - 30_000 / 257) < 0.02
    eight = grounds()
    np.testing.assert_array_equal(to_eight_bits(eight), eight)

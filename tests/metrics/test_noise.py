from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from splpaint.metrics import grain


def grainy(inside: float, outside: float, *, height: int = 120, width: int = 160) -> NDArray[np.uint8]:
    """A slope with grain of one strength in the hole and of another around it."""
    y, x = np.mgrid[:height, :width]
    strength = np.where(box(height, width), inside, outside)[..., None]
    noise = np.random.default_rng(1).normal(size=(height, width, 3)) * strength
    levels = np.rint(60 + 0.3 * x[..., None] + 0.2 * y[..., None] + noise)
    return np.asarray(levels, dtype=np.uint8)


def box(height: int = 120, width: int = 160) -> NDArray[np.bool_]:
    hole = np.zeros((height, width), np.bool_)
    hole[30:90, 40:110] = True
    return hole


def test_equal_grain_gives_one_and_a_smooth_filling_little() -> None:
    assert grain(grainy(6, 6), box()) == pytest.approx(1, abs=0.06)
    assert grain(grainy(0, 6), box()) < 0.1
    assert grain(grainy(12, 6), box()) == pytest.approx(2, abs=0.12)


def test_an_edge_through_the_hole_is_no_grain() -> None:
    painted = grainy(4, 4)
    painted[:, 75:] += 90
    assert grain(painted, box()) == pytest.approx(grain(grainy(4, 4), box()), rel=0.1)


def test_plain_grounds_compare_too() -> None:
    plain = np.full((120, 160, 3), 99, np.uint8)
    assert grain(plain, box()) == 1
    assert 5 < grain(grainy(3, 0) // 8 * 8, box()) < math.inf
    assert 0 < grain(np.where(box()[..., None], plain, grainy(3, 3)), box()) < 0.2


def test_it_is_the_median_of_the_stencil_over_that_of_the_ring() -> None:
    painted, hole = grainy(3, 8, height=30, width=40), np.zeros((30, 40), np.bool_)
    hole[5:15, 8:20] = True
    levels: dict[bool, list[float]] = {True: [], False: []}
    weights = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
    for row in range(1, 29):
        for column in range(1, 39):
            square = (slice(row - 1, row + 2), slice(column - 1, column + 2))
            near = hole[max(row - 8, 0) : row + 9, max(column - 8, 0) : column + 9].any()
            if hole[square].all() or (near and not hole[square].any()):
                values = (painted[square] * weights[..., None]).sum(axis=(0, 1)) / 6
                levels[bool(hole[row, column])].extend(abs(values))
    inside, ring = (1.4826 * np.median(levels[place]) for place in (True, False))
    expected = math.sqrt((inside**2 + 1 / 12) / (ring**2 + 1 / 12))
    assert grain(painted, hole) == pytest.approx(expected, rel=1e-12)


def test_without_a_square_in_the_hole_or_around_it_there_is_no_figure() -> None:
    painted = grainy(3, 3)
    scratch = np.zeros(box().shape, np.bool_)
    assert math.isnan(grain(painted, scratch))
    scratch[50:52] = True
    assert math.isnan(grain(painted, scratch))
    scratch[52] = True
    assert grain(painted, scratch) > 0
    assert math.isnan(grain(painted, np.ones(box().shape, np.bool_)))
    assert math.isnan(grain(painted[:2], box()[:2]))

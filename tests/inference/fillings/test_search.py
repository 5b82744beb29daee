"""Which of the fillings is taken, by their patches and by what the network expects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole, Pixels
from splpaint.inference.fillings.search import Filled, Reduced, search

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


def searched(painted: NDArray[np.uint8], hole: Hole) -> Filled:
    filled = search(Reduced(painted, hole, ~hole))
    assert filled is not None
    return filled


def test_whether_a_trunk_goes_on_or_ends_is_told_by_the_network() -> None:
    hole, above = disc(0, 80, 60), np.zeros((SIDE, SIDE), np.bool_)
    above[8:30, 77:84] = True
    trunk = np.abs(np.arange(SIDE) - 80) < 8
    for colour in (RED, BLUE):
        painted = grounds(split=SIDE)
        painted[:, trunk] = grounds(split=0)[:, trunk]
        painted[hole & trunk] = colour
        inside = searched(painted, hole).colours[above]
        np.testing.assert_allclose(inside.mean(axis=0), colour, atol=20)
        assert inside.std(axis=0).min() > 8, "with the grain of what is known"


def test_a_colour_of_nothing_in_the_image_does_not_keep_a_ground_from_going_on() -> None:
    painted, hole = grounds(), disc(80, 50, 24)
    painted[hole] = (120, 100, 90)
    inside = searched(painted, hole).colours[hole]
    np.testing.assert_allclose(inside.mean(axis=0), RED, atol=12)


def test_two_searches_at_once_find_the_same_every_time() -> None:
    painted, hole = grounds(), disc(80, 100, 24)
    first, second = searched(painted, hole), searched(painted, hole)
    np.testing.assert_array_equal(first.colours, second.colours)
    np.testing.assert_array_equal(first.origins.moves, second.origins.moves)


def test_nothing_is_found_where_too_little_is_known() -> None:
    painted = grounds()
    known = disc(80, 80, 8)
    assert search(Reduced(painted, ~known, known)) is None

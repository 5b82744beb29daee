from __future__ import annotations

import numpy as np

from splpaint.masks.kinds.generators import GENERATORS


def test_the_centre_is_a_square_of_half_the_shorter_side() -> None:
    expected = np.zeros((40, 61), np.bool_)
    expected[10:30, 20:40] = True
    np.testing.assert_array_equal(GENERATORS["centre"](seed=9, index=9, height=40, width=61), expected)


def test_half_is_each_of_the_four_halves() -> None:
    holes = [GENERATORS["half"](seed=0, index=index, height=20, width=31) for index in range(40)]
    corners = {(bool(h[0, 0]), bool(h[0, -1]), bool(h[-1, 0]), bool(h[-1, -1])) for h in holes}
    assert len(corners) == 4
    assert {int(hole.sum()) for hole in holes} == {20 * 15, 10 * 31}


def test_outpainting_leaves_a_rectangle_within_and_takes_the_whole_border() -> None:
    for index in range(20):
        known = ~GENERATORS["outpaint"](seed=0, index=index, height=64, width=96)
        rows, columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
        assert known.sum() == len(rows) * len(columns)
        assert (rows[0] >= 4, rows[-1] < 60, columns[0] >= 6, columns[-1] < 90) == (True,) * 4

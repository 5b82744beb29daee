from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from splpaint.masks.kinds.box import box_mask

sides = st.integers(16, 72)


numbers = st.integers(0, 2**32 - 1)


@given(seed=numbers, index=numbers, height=sides, width=sides)
def test_a_box_mask_is_one_filled_rectangle_of_5_to_30_percent(
    seed: int, index: int, height: int, width: int
) -> None:
    hole = box_mask(seed=seed, index=index, height=height, width=width)
    assert hole.shape == (height, width)
    assert hole.dtype == np.bool_
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    assert hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    assert hole.sum() == (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    assert 0.05 <= hole.mean() <= 0.30
    np.testing.assert_array_equal(box_mask(seed=seed, index=index, height=height, width=width), hole)

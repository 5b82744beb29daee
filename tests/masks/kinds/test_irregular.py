from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from splpaint.errors import InputError
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.masks.ratios import RATIO_BINS, ratio_bin
from tests.masks.kinds.digest import sha256_of

LABELS = list(RATIO_BINS)


sides = st.integers(16, 72)


numbers = st.integers(0, 2**32 - 1)


def test_600_masks_fill_their_bins_evenly_and_half_of_them_keep_off_the_border() -> None:
    found: Counter[str | None] = Counter()
    touching = 0
    for index in range(600):
        hole = irregular_mask(seed=5, index=index)
        found[ratio_bin(float(hole.mean()))] += 1
        assert ratio_bin(float(hole.mean())) == LABELS[index % 6]
        near_border = hole.copy()
        near_border[25:-25, 25:-25] = False  # 50/512 of 256 pixels
        if (index // 6) % 2:
            assert not near_border.any()
        touching += bool(near_border.any())
    assert found == dict.fromkeys(LABELS, 100)
    assert 250 < touching <= 300


def test_600_masks_all_differ() -> None:
    assert len({sha256_of(irregular_mask(seed=5, index=i, height=32, width=32)) for i in range(600)}) == 600


@given(seed=numbers, index=numbers, height=sides, width=sides, bin=st.integers(0, 5))
def test_an_irregular_mask_of_any_size_is_pure_and_lies_in_the_bin_asked_for(
    seed: int, index: int, height: int, width: int, bin: int
) -> None:
    hole = irregular_mask(seed=seed, index=index, height=height, width=width, bin=bin)
    assert hole.shape == (height, width)
    assert hole.dtype == np.bool_
    assert ratio_bin(float(hole.mean())) == LABELS[bin]
    again = irregular_mask(seed=seed, index=index, height=height, width=width, bin=bin)
    np.testing.assert_array_equal(again, hole)
    if (index // 6) % 2:
        rows, columns = np.nonzero(hole)
        top, left = height * 50 // 512, width * 50 // 512
        assert top <= rows.min() <= rows.max() < height - top
        assert left <= columns.min() <= columns.max() < width - left


@pytest.mark.parametrize("bin", [-1, 6])
def test_a_bin_that_is_none_of_the_six_is_refused(bin: int) -> None:
    with pytest.raises(InputError, match=f"bin from 0 to 5, got {bin}"):
        irregular_mask(seed=0, index=0, bin=bin)

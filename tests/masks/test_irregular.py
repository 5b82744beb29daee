from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from splpaint.errors import InputError
from splpaint.masks.box import box_mask
from splpaint.masks.irregular import irregular_mask
from splpaint.masks.ratios import RATIO_BINS, ratio_bin

LABELS = list(RATIO_BINS)
sides = st.integers(16, 72)
numbers = st.integers(0, 2**32 - 1)


def _sha256(hole: NDArray[np.bool_]) -> str:
    return hashlib.sha256((hole * np.uint8(255)).tobytes()).hexdigest()


def test_these_masks_have_these_pixels_on_every_machine() -> None:
    drawn = (
        irregular_mask(seed=0, index=0),
        irregular_mask(seed=2021, index=41),
        irregular_mask(seed=7, index=8, height=300, width=171, bin=5),
        box_mask(seed=0, index=0),
        box_mask(seed=3, index=9, height=100, width=333),
    )
    assert [_sha256(hole) for hole in drawn] == [
        "ede7025046492e8f4b464c7775fb217351c045e64036eb2e5f37d6ae7f1539da",
        "b60fb742cac9daab8ae2fdcdf021a547508156c1633ff1d98f70eed160813f8d",
        "6a624f42b0f83f2ca28c536ac2d79e62355df8dc45a6cccacb65f88dfcef4c8f",
        "b1658acb44819df4e3ec5f41b72b3cea0963e78357a016103ef026e38d7fe3df",
        "8a6937ab1eaaa6158f00820bd9ba1dd3f89a3f8e99b0b9ad18a6d270cb73028b",
    ]


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
    assert len({_sha256(irregular_mask(seed=5, index=i, height=32, width=32)) for i in range(600)}) == 600


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


def test_drawing_leaves_the_global_random_state_alone() -> None:
    np.random.seed(1)
    expected = np.random.random_sample()
    np.random.seed(1)
    irregular_mask(seed=0, index=0, height=32, width=32)
    box_mask(seed=0, index=0, height=32, width=32)
    assert np.random.random_sample() == expected


@pytest.mark.parametrize(
    ("ratio", "label"),
    [
        (0.0, None),
        (0.01, None),
        (0.0101, "(0.01,0.1]"),
        (0.1, "(0.01,0.1]"),
        (0.1001, "(0.1,0.2]"),
        (0.35, "(0.3,0.4]"),
        (0.6, "(0.5,0.6]"),
        (0.6001, None),
        (1.0, None),
    ],
)
def test_a_bin_excludes_its_lower_end_and_includes_its_upper(ratio: float, label: str | None) -> None:
    assert ratio_bin(ratio) == label


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seed": -1}, "mask seed from 0 to 4294967295, got -1"),
        ({"seed": 2**32}, "mask seed"),
        ({"index": -1}, "mask index"),
        ({"index": 2**32}, "mask index"),
        ({"height": 15}, "at least 16x16 pixels, got 256x15"),
        ({"width": 0}, "at least 16x16"),
    ],
)
def test_numbers_out_of_range_are_refused(wrong: dict[str, int], message: str) -> None:
    numbers = {"seed": 0, "index": 0} | wrong
    with pytest.raises(InputError, match=message):
        irregular_mask(**numbers)
    with pytest.raises(InputError, match=message):
        box_mask(**numbers)


@pytest.mark.parametrize("bin", [-1, 6])
def test_a_bin_that_is_none_of_the_six_is_refused(bin: int) -> None:
    with pytest.raises(InputError, match=f"bin from 0 to 5, got {bin}"):
        irregular_mask(seed=0, index=0, bin=bin)

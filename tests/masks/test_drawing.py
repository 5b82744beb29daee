from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from splpaint.errors import InputError
from splpaint.masks.box import box_mask
from splpaint.masks.irregular import irregular_mask


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


def test_drawing_leaves_the_global_random_state_alone() -> None:
    np.random.seed(1)
    expected = np.random.random_sample()
    np.random.seed(1)
    irregular_mask(seed=0, index=0, height=32, width=32)
    box_mask(seed=0, index=0, height=32, width=32)
    assert np.random.random_sample() == expected


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

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from splpaint.errors import InputError
from splpaint.masks.kinds.box import box_mask
from splpaint.masks.kinds.drawing import Segment, draw
from splpaint.masks.kinds.irregular import irregular_mask
from tests.masks.kinds.digest import sha256_of


def test_these_masks_have_these_pixels_on_every_machine() -> None:
    drawn = (
        irregular_mask(seed=0, index=0),
        irregular_mask(seed=2021, index=41),
        irregular_mask(seed=7, index=8, height=300, width=171, bin=5),
        box_mask(seed=0, index=0),
        box_mask(seed=3, index=9, height=100, width=333),
    )
    assert [sha256_of(hole) for hole in drawn] == [
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


@given(
    x=st.integers(-400, 800),
    y=st.integers(-400, 800),
    to_x=st.integers(-400, 800),
    to_y=st.integers(-400, 800),
    radius=st.integers(12, 200),
)
def test_a_segment_covers_what_is_as_near_as_its_radius(
    x: int, y: int, to_x: int, to_y: int, radius: int
) -> None:
    mask = np.zeros((24, 31), np.bool_)
    draw([Segment(x, y, x, y, radius), Segment(x, y, to_x, to_y, radius)], mask)

    start, along = np.array([x, y], float), np.array([to_x - x, to_y - y], float)
    centres = np.stack(np.meshgrid(16 * np.arange(31.0) + 8, 16 * np.arange(24.0) + 8), axis=-1)
    length = max(float(along @ along), 1e-9)
    nearest = np.clip((centres - start) @ along / length, 0, 1)[..., None] * along + start
    distance = np.linalg.norm(centres - nearest, axis=-1)
    certain = np.abs(distance - radius) > 1e-3
    # The integer arithmetic rounds the breadth down by less than one unit of the grid.
    assert mask[certain & (distance < radius - 1)].all()
    assert not mask[certain & (distance > radius)].any()

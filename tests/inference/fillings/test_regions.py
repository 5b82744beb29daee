from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from splpaint.inference.fillings import Region, thick_regions


@settings(max_examples=60)
@given(
    height=st.integers(1, 400),
    width=st.integers(1, 400),
    seed=st.integers(0, 2**32 - 1),
    boxes=st.integers(0, 4),
)
def test_thick_regions_hold_what_is_thick_and_no_thin_line(
    height: int, width: int, seed: int, boxes: int
) -> None:
    random = np.random.default_rng(seed)
    hole = np.zeros((height, width), np.bool_)
    thick = np.zeros_like(hole)
    for _ in range(boxes):
        top, left = random.integers(0, height), random.integers(0, width)
        tall, wide = random.integers(1, 120, 2)
        hole[top : top + tall, left : left + wide] = True
        if min(tall, height - top, wide, width - left) >= 48:
            thick[top : top + tall, left : left + wide] = True
    times = np.zeros(hole.shape, int)
    for window, region in thick_regions(hole):
        assert (region <= hole[window.slices]).all()
        times[window.slices] += region
    assert times.max(initial=0) <= 1
    assert (times[thick] == 1).all()
    lines = np.zeros_like(hole)
    lines[::60, :] = lines[:, ::39] = True
    assert not list(thick_regions(lines & (np.arange(width) < 39)))


def test_regions_far_apart_are_filled_one_by_one_and_see_their_surroundings() -> None:
    hole = np.zeros((1600, 3000), np.bool_)
    hole[450:530, 500:600] = hole[1000:1100, 2300:2380] = True
    first, second = thick_regions(hole)
    assert isinstance(first, Region)
    assert first.window == (210, 260, 770, 840)
    assert second.window == (760, 2060, 1340, 2620)

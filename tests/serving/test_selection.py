"""Selecting on arrays: what is drawn is found again, at any size, and nothing outside the box."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splpaint.errors import InputError
from splpaint.images import Hole, Pixels
from splpaint.inference import HoleBox
from splpaint.serving.selection import select


def _drawn(height: int, width: int, radius: int) -> tuple[Pixels, Hole]:
    """A disc of one grainy colour on a ground of another."""
    rows, columns = np.ogrid[:height, :width]
    disc = (rows - height // 2) ** 2 + (columns - width // 2) ** 2 < radius**2
    grain = np.random.default_rng(0).normal(0, 10, (height, width, 1))
    image = np.where(disc[..., None], (190, 70, 50), (80, 120, 90)) + grain
    return image.clip(0, 255).astype(np.uint8), disc


def _likeness(one: Hole, other: Hole) -> float:
    return float((one & other).sum() / (one | other).sum())


@pytest.mark.parametrize("side", [120, 700, 2500])
def test_a_disc_is_found_to_the_pixel_by_box_and_by_thin_and_thick_strokes(side: int) -> None:
    image, disc = _drawn(side, side + 40, side // 5)
    middle, reach = side // 2, side // 3
    box = HoleBox(middle + 20 - reach, middle - reach, 2 * reach, 2 * reach)
    assert _likeness(select(image, box=box), disc) > 0.98
    for thick in (4, side // 8):
        stroke = np.zeros(disc.shape, np.bool_)
        stroke[
            middle - thick // 2 : middle + thick // 2, middle + 20 - side // 5 : middle + 20 + side // 5
        ] = True
        assert _likeness(select(image, stroke=stroke), disc) > 0.98
        assert _likeness(select(image, stroke=stroke, box=box), disc) > 0.98


@settings(max_examples=25)
@given(
    st.tuples(*(st.integers(0, 40) for _ in range(2)), *(st.integers(1, 40) for _ in range(2))), st.booleans()
)
def test_nothing_outside_the_box_is_selected(box: tuple[int, int, int, int], is_even: bool) -> None:
    image = np.full((80, 80, 3), 99, np.uint8) if is_even else _drawn(80, 80, 20)[0]
    inside = np.zeros((80, 80), np.bool_)
    HoleBox(*box).mark(inside)
    selected = select(image, box=HoleBox(*box))
    assert selected.any()
    assert not (selected & ~inside).any()
    assert np.array_equal(selected, select(image, box=HoleBox(*box)))


def test_a_place_that_is_none_is_refused() -> None:
    image, disc = _drawn(40, 40, 10)
    for place in ({}, {"stroke": np.zeros_like(disc)}, {"stroke": disc, "box": HoleBox(0, 0, 2, 2)}):
        with pytest.raises(InputError):
            select(image, **place)
    with pytest.raises(InputError, match="inside"):
        select(image, box=HoleBox(0, 0, 41, 2))

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from splpaint.errors import InputError
from splpaint.masks.augmentation import AUGMENTATIONS, augment
from splpaint.masks.kinds.irregular import irregular_mask

HOLE = irregular_mask(seed=0, index=2, height=48, width=40)


def test_these_changes_give_these_pixels_on_every_machine() -> None:
    found = {}
    for name in AUGMENTATIONS:
        changed = augment(HOLE, [name], seed=1, index=2)
        found[name] = hashlib.sha256((changed * np.uint8(255)).tobytes()).hexdigest()[:16]
    assert found == {
        "crop": "2f6e35acf53556b7",
        "dilate": "e8636f809a0684ef",
        "flip": "35fb6ededa5ee7aa",
        "rotate": "e506a08b321a641f",
        "translate": "6acdb222ed33af83",
    }


@given(
    names=st.lists(st.sampled_from(sorted(AUGMENTATIONS)), max_size=3),
    seed=st.integers(0, 2**32 - 1),
    index=st.integers(0, 2**32 - 1),
    corner=st.booleans(),
)
def test_a_change_is_pure_and_never_loses_the_hole(
    names: list[str], seed: int, index: int, corner: bool
) -> None:
    hole = HOLE.copy()
    if corner:
        hole[:] = False
        hole[0, 0] = True
    before = hole.copy()
    changed = augment(hole, names, seed=seed, index=index)
    assert changed.shape == hole.shape
    assert changed.dtype == np.bool_
    assert changed.any()
    np.testing.assert_array_equal(hole, before)
    np.testing.assert_array_equal(augment(hole, names, seed=seed, index=index), changed)


def test_a_flip_mirrors_half_of_the_time() -> None:
    flipped = [augment(HOLE, ["flip"], seed=0, index=index) for index in range(100)]
    mirrored = sum(np.array_equal(hole, HOLE[:, ::-1]) for hole in flipped)
    assert 35 < mirrored < 65
    assert mirrored + sum(np.array_equal(hole, HOLE) for hole in flipped) == 100


def test_turning_keeps_a_disc_where_it_is() -> None:
    y, x = np.mgrid[:65, :65] - 32
    disc = x * x + y * y < 20.5**2
    for index in range(10):
        turned = augment(disc, ["rotate"], seed=0, index=index)
        assert np.count_nonzero(turned ^ disc) < 0.05 * disc.sum()


def test_a_shift_moves_every_pixel_alike() -> None:
    dot = np.zeros((40, 60), np.bool_)
    dot[20, 30] = dot[21, 33] = True
    for index in range(20):
        (first, second) = np.argwhere(augment(dot, ["translate"], seed=0, index=index))
        assert tuple(second - first) == (1, 3)
        assert abs(first[0] - 20) <= 10
        assert abs(first[1] - 30) <= 15


def test_a_crop_enlarges() -> None:
    for index in range(10):
        assert 0.2 < augment(HOLE, ["crop"], seed=0, index=index).mean() / HOLE.mean() < 4


def test_an_unknown_change_is_refused() -> None:
    with pytest.raises(InputError, match="expected crop, dilate, flip, rotate, translate, got 'shear'"):
        augment(HOLE, ["shear"], seed=0, index=0)

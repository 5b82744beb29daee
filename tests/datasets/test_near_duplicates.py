from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from splpaint.datasets.near_duplicates import difference_hash, near_duplicates
from tests.dataset_samples import photograph


def _plain_groups(hashes: list[int]) -> list[list[int]]:
    """The same by comparing all with all."""
    groups: list[set[int]] = []
    for number in range(len(hashes)):
        near = {number} | {
            other for other in range(number) if (hashes[number] ^ hashes[other]).bit_count() <= 3
        }
        joined = [group for group in groups if group & near]
        groups = [group for group in groups if group not in joined] + [near.union(*joined)]
    return sorted(sorted(group) for group in groups if len(group) > 1)


@given(
    bases=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4),
    changes=st.lists(st.tuples(st.integers(0, 3), st.sets(st.integers(0, 63), max_size=5)), max_size=30),
)
def test_groups_are_those_of_comparing_all_with_all(
    bases: list[int], changes: list[tuple[int, set[int]]]
) -> None:
    hashes = [bases[base % len(bases)] ^ sum(1 << bit for bit in bits) for base, bits in changes]
    assert sorted(near_duplicates(np.array(hashes, dtype=np.uint64))) == _plain_groups(hashes)


def test_a_hash_tells_where_it_gets_brighter_to_the_right() -> None:
    ramp = np.tile(np.linspace(0, 255, 72).astype(np.uint8)[None, :, None], (64, 1, 3))
    assert difference_hash(ramp) == 2**64 - 1
    assert difference_hash(ramp[:, ::-1]) == 0
    half = ramp.copy()
    half[32:] = half[32:, ::-1]
    assert difference_hash(half) == (2**32 - 1) << 32


def test_copies_of_another_size_and_format_are_near_and_other_pictures_are_not(tmp_path: Path) -> None:
    photos = [photograph(number, 256, 256) for number in range(30)]
    photos[7].resize((180, 180), Image.Resampling.BICUBIC).save(tmp_path / "copy.jpg", quality=80)
    hashes = [difference_hash(np.asarray(photo)) for photo in (*photos, Image.open(tmp_path / "copy.jpg"))]
    assert near_duplicates(np.array(hashes, dtype=np.uint64)) == [[7, 30]]


def test_no_pictures_have_no_look_alikes() -> None:
    assert near_duplicates(np.array([], dtype=np.uint64)) == []

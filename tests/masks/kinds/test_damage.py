from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, label  # type: ignore[import-untyped]

from splpaint.masks.kinds.generators import GENERATORS


@pytest.mark.parametrize(("kind", "share"), [("blob-tenth", 0.1), ("blob-quarter", 0.25)])
def test_a_blob_is_one_thing_of_its_size_inside_the_image(kind: str, share: float) -> None:
    for index in range(40):
        hole = GENERATORS[kind](seed=3, index=index, height=240, width=400)
        assert label(hole)[1] == 1
        rows, columns = (np.flatnonzero(hole.any(axis=axis)) for axis in (1, 0))
        across = max(np.ptp(rows), np.ptp(columns)) + 1
        assert 0.5 * share * 240 <= across <= share * 240 + 2


@pytest.mark.parametrize("kind", ["scratches", "text"])
def test_lines_are_thin_at_every_size(kind: str) -> None:
    for side in (200, 800):
        for index in range(20):
            hole = GENERATORS[kind](seed=3, index=index, height=side, width=side)
            assert distance_transform_edt(hole).max() <= 0.02 * side
            assert hole.mean() < 0.15


def test_letters_stand_in_lines() -> None:
    hole = GENERATORS["text"](seed=1, index=0, height=400, width=600)
    rows = np.flatnonzero(np.diff(hole.any(axis=1).astype(int)))
    heights = np.diff(rows)[::2]
    assert 1 <= len(heights) <= 3
    assert heights.min() == heights.max() >= 16

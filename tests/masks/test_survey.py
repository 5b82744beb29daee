from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.images.listing import BrokenFile
from splpaint.masks.polarity import Polarity
from splpaint.masks.survey import MaskStats, near_border, ratio_table, survey_masks


@pytest.mark.parametrize(
    ("row", "column", "near"),
    [
        (49, 256, True),
        (50, 256, False),
        (256, 461, False),
        (256, 462, True),
        (462, 50, True),
        (461, 50, False),
    ],
)
def test_near_the_border_is_within_50_of_512_pixels(row: int, column: int, near: bool) -> None:
    hole = np.zeros((512, 512), np.bool_)
    hole[row, column] = True
    assert near_border(hole) is near


def test_statistics_are_told_file_by_file_and_broken_files_are_kept_apart(tmp_path: Path) -> None:
    levels = np.zeros((20, 40), np.uint8)
    levels[5:15, 10:20] = 255
    Image.fromarray(levels).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    (tmp_path / "c.png").touch()
    good, cut, empty = survey_masks([tmp_path / f"{name}.png" for name in "abc"], Polarity.WHITE_HOLE)
    assert good == MaskStats(tmp_path / "a.png", 40, 20, 0.125, "(0.1,0.2]", False)
    assert isinstance(cut, BrokenFile)
    assert isinstance(empty, BrokenFile)
    assert "is empty (0 bytes)" in empty.reason
    (inverted,) = survey_masks([tmp_path / "a.png"], Polarity.WHITE_KNOWN)
    assert isinstance(inverted, MaskStats)
    assert (inverted.ratio, inverted.bin, inverted.near_border) == (0.875, "", True)


def test_a_table_counts_by_bin_and_border() -> None:
    survey = [
        MaskStats(Path("x"), 4, 4, ratio, label, near)
        for ratio, label, near in (
            (0.05, "(0.01,0.1]", True),
            (0.06, "(0.01,0.1]", False),
            (0.07, "(0.01,0.1]", False),
            (0.9, "", True),
        )
    ]
    lines = ratio_table(survey)
    assert lines[1].split() == ["(0.01,0.1]", "2", "1", "3"]
    assert lines[-2].split() == ["other", "0", "1", "1"]
    assert lines[-1] == "4 masks; holes cover 5.0% to 90.0%, 27.0% on average"

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.images.arrays import Hole
from splpaint.masks.mask_files import read_hole
from splpaint.masks.polarity import Polarity


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P"])
def test_a_mask_in_any_mode_is_the_same_mask(mode: str, holes: list[Hole], tmp_path: Path) -> None:
    Image.fromarray(holes[0]).convert("L").convert(mode).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_hole(tmp_path / "mask.png", Polarity.WHITE_KNOWN), ~holes[0])


def test_grey_levels_above_127_are_white(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 127, 128, 255]], np.uint8)).save(tmp_path / "grey.png")
    assert read_hole(tmp_path / "grey.png", Polarity.WHITE_HOLE).tolist() == [[False, False, True, True]]
    assert read_hole(tmp_path / "grey.png", Polarity.WHITE_KNOWN).tolist() == [[True, True, False, False]]

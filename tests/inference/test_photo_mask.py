"""The hole that a photo's mask marks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.photo import read_photo
from splpaint.inference.photo_mask import MaskFile, marked_hole


@pytest.mark.parametrize(("mask_size", "size"), [((7, 5), (23, 31)), ((64, 87), (20, 29)), ((3, 4), (3, 9))])
def test_a_mask_is_scaled_by_taking_the_pixel_under_each_new_centre(
    mask_size: tuple[int, int], size: tuple[int, int], tmp_path: Path
) -> None:
    mask = np.random.default_rng(0).random(mask_size[::-1]) < 0.5
    Image.fromarray(mask).save(tmp_path / "mask.png")
    Image.new("RGB", size).save(tmp_path / "photo.png")
    photo = read_photo(tmp_path / "photo.png")
    hole = marked_hole(MaskFile(tmp_path / "mask.png"), photo, invert=False, resize=True)
    rows, columns = (
        [int((number + Fraction(1, 2)) * old / new) for number in range(new)]
        for old, new in zip(mask_size[::-1], size[::-1], strict=True)
    )
    np.testing.assert_array_equal(hole, mask[rows][:, columns])


def test_a_mask_of_another_size_is_refused_unless_it_may_be_scaled(tmp_path: Path) -> None:
    Image.new("L", (20, 15), 255).save(tmp_path / "mask.png")
    Image.new("RGB", (40, 30)).save(tmp_path / "photo.png")
    with pytest.raises(InputError, match=r"size 40x30, got 20x15; pass `resize=True`"):
        marked_hole(
            MaskFile(tmp_path / "mask.png"), read_photo(tmp_path / "photo.png"), invert=False, resize=False
        )

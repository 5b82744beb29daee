from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import Pixels
from splpaint.images.mask_values import as_hole, read_mask
from splpaint.notices import PictureWarning

_HALVES = np.array([[0, 255], [255, 0]], np.uint8)


@pytest.mark.parametrize(
    "mask",
    [
        _HALVES,
        _HALVES == 255,
        _HALVES / 255,
        (_HALVES / 255).astype(np.float16),
        _HALVES[:, :, None],
        np.stack([_HALVES] * 3, axis=2),
        np.stack([_HALVES] * 3 + [np.full_like(_HALVES, 255)], axis=2),
        np.stack([np.full_like(_HALVES, 255)] * 3 + [_HALVES], axis=2),
        np.stack([np.zeros_like(_HALVES)] * 3 + [_HALVES], axis=2),
        Image.fromarray(_HALVES),
        Image.fromarray(_HALVES == 255),
        Image.fromarray(_HALVES).convert("RGB"),
        Image.fromarray(_HALVES).convert("P"),
        Image.fromarray(_HALVES).convert("LA"),
    ],
    ids=lambda mask: mask.mode if isinstance(mask, Image.Image) else f"{mask.dtype}{mask.shape}",
)
@pytest.mark.filterwarnings("ignore::splpaint.notices.PictureWarning")
def test_white_means_missing_in_every_kind_of_mask(mask: Image.Image | Pixels) -> None:
    np.testing.assert_array_equal(as_hole(mask), _HALVES == 255)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_a_mask_drawn_in_alpha_is_understood_and_said(mode: str) -> None:
    mask = Image.new("RGBA", (2, 2), (200, 30, 30, 0)).convert(mode)
    mask.putalpha(Image.fromarray(_HALVES))
    with pytest.warns(PictureWarning, match="opaque part"):
        np.testing.assert_array_equal(as_hole(mask), _HALVES == 255)


@pytest.mark.parametrize("ground", [(0, 0, 0, 0), (255, 255, 255, 0)])
@pytest.mark.parametrize("colour", [(200, 30, 30), (0, 0, 0), (255, 255, 255)])
def test_what_is_hidden_below_a_layer_of_one_colour_does_not_matter(
    colour: tuple[int, int, int], ground: tuple[int, int, int, int]
) -> None:
    mask = Image.new("RGBA", (2, 2), ground)
    mask.putpixel((1, 0), (*colour, 255))
    with pytest.warns(PictureWarning, match="opaque part"):
        np.testing.assert_array_equal(as_hole(mask), [[False, True], [False, False]])


def test_a_photograph_as_mask_draws_a_hint_at_its_transparency() -> None:
    with pytest.warns(PictureWarning, match="is it a photograph.*`Transparency`"):
        as_hole(np.full((4, 4), 90, np.uint8))


def test_grey_levels_are_split_in_the_middle_and_said() -> None:
    with pytest.warns(PictureWarning, match="4 of 4 pixels are grey"):
        hole = as_hole(np.array([[1, 127], [128, 254]], np.uint8))
    np.testing.assert_array_equal(hole, [[False, False], [True, True]])


@pytest.mark.parametrize(
    "mask",
    [
        np.array([[0, 1]], np.uint8),
        np.array([[0.0, 2.0]]),
        np.array([[0.0, np.nan]]),
        np.array([[-0.1, 1.0]]),
        np.array([[0, 255]], np.int64),
        np.array([[0, 255]], np.uint16),
        np.zeros(4, np.bool_),
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((2, 2, 3), np.bool_),
        np.array([[[0, 0, 0], [1, 1, 1]]], np.uint8),
        np.array([["white"]]),
        Image.new("I", (2, 2)),
    ],
    ids=lambda mask: getattr(mask, "mode", None) or f"{mask.dtype}{mask.shape}",
)
def test_masks_that_may_mean_anything_are_refused(mask: Image.Image | Pixels) -> None:
    with pytest.raises(InputError):
        as_hole(mask)


def test_a_hole_shares_no_memory_with_its_mask() -> None:
    mask = _HALVES == 255
    assert not np.shares_memory(as_hole(mask), mask)


def test_a_mask_file_is_named_when_it_means_nothing(tmp_path: Path) -> None:
    Image.fromarray(_HALVES // 255).save(tmp_path / "ones.png")
    with pytest.raises(InputError, match=r"ones\.png: .*0 and 255"):
        read_mask(tmp_path / "ones.png")


@pytest.mark.parametrize("mask", [None, "mask.png", [[1, 0], [0, 1]]])
def test_a_mask_that_is_no_picture_is_refused_by_its_type(mask: object) -> None:
    with pytest.raises(
        InputError, match=f"mask must be a PIL picture or an array, got {type(mask).__name__}"
    ):
        as_hole(mask)  # type: ignore[arg-type]

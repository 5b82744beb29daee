from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from splpaint.errors import InputError
from splpaint.images import Hole, as_hole, read_mask
from splpaint.notices import PictureWarning

CASES = Path(__file__).parent.parent / "cases" / "masks"
DISC_PX = 322  # of the disc that the cases mark


@pytest.mark.filterwarnings("ignore::splpaint.notices.PictureWarning")
@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.*") if path.name != "photo.png"))
def test_what_canvases_and_annotation_tools_write_is_understood(name: str) -> None:
    hole = read_mask(CASES / name)
    assert abs(int(hole.sum()) - DISC_PX) <= 4
    rows, columns = np.nonzero(hole)
    assert (rows.min() + rows.max(), columns.min() + columns.max()) == pytest.approx((59, 59), abs=2)


@pytest.mark.filterwarnings("ignore::splpaint.notices.PictureWarning")
def test_a_photograph_is_no_mask() -> None:
    with pytest.raises(InputError, match="got a photograph; make what is to be painted white"):
        read_mask(CASES / "photo.png")


def test_colours_on_no_ground_are_refused_with_the_way() -> None:
    mask = Image.new("RGB", (60, 40), "red")
    mask.paste("blue", (30, 0, 60, 40))
    with pytest.raises(
        InputError, match=r"several colours, none of which fills most of the border.*the rest black"
    ):
        as_hole(mask)


def _soft_disc(ground: tuple[int, int, int], mark: tuple[int, int, int], *, scale: int = 8) -> Image.Image:
    large = Image.new("RGB", (60 * scale, 40 * scale), ground)
    ImageDraw.Draw(large).ellipse((20 * scale, 10 * scale, 40 * scale, 30 * scale), mark)
    return large.resize((60, 40), Image.Resampling.BOX)


DISC: Hole = np.asarray(_soft_disc((0, 0, 0), (255, 255, 255)).convert("L")) > 127


@settings(max_examples=40)
@given(
    ground=st.sampled_from([(0, 0, 0), (255, 255, 255), (0, 90, 200), (128, 128, 128)]),
    mark=st.sampled_from([(255, 0, 0), (0, 200, 60), (250, 200, 0), (140, 0, 140)]),
    quality=st.sampled_from([None, 95, 80]),
)
def test_soft_edges_are_cut_by_half_on_any_ground_also_in_a_jpeg(
    ground: tuple[int, int, int], mark: tuple[int, int, int], quality: int | None
) -> None:
    mask = _soft_disc(ground, mark)
    if quality:
        file = io.BytesIO()
        mask.save(file, "JPEG", quality=quality, subsampling=0)
        mask = Image.open(file)
    with pytest.warns(PictureWarning, match="colours on one ground"):
        hole = as_hole(mask)
    assert np.count_nonzero(hole != DISC) <= (40 if quality else 8)


@pytest.mark.parametrize("opacity", [1, 100, 255])
def test_translucent_strokes_are_cut_by_half_of_their_own_opacity(opacity: int) -> None:
    alpha = np.asarray(_soft_disc((0, 0, 0), (opacity,) * 3).convert("L"))
    for colour in ((255, 255, 255), (255, 60, 50)):
        layer = np.dstack([np.full((40, 60, 3), colour, np.uint8), alpha])
        layer[alpha == 0, :3] = 0
        with pytest.warns(PictureWarning, match="one colour|colours on a transparent"):
            hole = as_hole(layer)
        assert np.count_nonzero(hole != DISC) <= (0 if opacity == 255 else 40)


def test_grey_masks_are_read_as_ever() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    with pytest.warns(PictureWarning, match="not black and white"):
        assert (as_hole(np.dstack([levels] * 3)) == (levels > 127)).all()


@pytest.mark.filterwarnings("ignore::splpaint.notices.PictureWarning")
@settings(max_examples=60)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(3, 4), st.integers(0, 2**32 - 1))
def test_any_colours_give_a_hole_or_an_error(height: int, width: int, channels: int, seed: int) -> None:
    colours = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    with suppress(InputError):
        assert as_hole(colours).shape == (height, width)

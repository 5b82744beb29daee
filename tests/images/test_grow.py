from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from splpaint.errors import InputError
from splpaint.images import grow
from splpaint.images.arrays import Hole
from splpaint.images.grow import dilate, feather, growth_px, parse_growth


def _hole(height: int = 70, width: int = 90, share: float = 0.003) -> Hole:
    return np.random.default_rng(1).random((height, width)) < share


def distance_to(marked: Hole) -> NDArray[np.float64]:
    """Distance of each pixel to the nearest marked one, in the plainest way."""
    rows, columns = np.nonzero(marked)
    height, width = marked.shape
    squares = np.full((height, width), np.inf)
    for row, column in zip(rows, columns, strict=True):
        down, across = np.ogrid[:height, :width]
        squares = np.minimum(squares, (down - row) ** 2 + (across - column) ** 2)
    distance: NDArray[np.float64] = np.sqrt(squares)
    return distance


@pytest.mark.parametrize("pixels", [0, 1, 2, 7, 40, 512])
@pytest.mark.parametrize("tile_px", [16, 1024])
def test_a_grown_hole_is_all_within_the_distance(
    pixels: int, tile_px: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grow, "_TILE_PX", tile_px)
    hole = _hole()
    np.testing.assert_array_equal(dilate(hole, pixels), distance_to(hole) <= pixels)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 2)])
def test_odd_shapes_grow(shape: tuple[int, int]) -> None:
    hole = np.zeros(shape, np.bool_)
    assert not dilate(hole, 5).any()
    hole[0, 0] = True
    np.testing.assert_array_equal(dilate(hole, 5), distance_to(hole) <= 5)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("tile_px", [16, 1024])
def test_feathering_blends_by_distance_inside_the_hole_only(
    kind: type[np.uint8] | type[np.uint16], tile_px: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grow, "_TILE_PX", tile_px)
    hole = dilate(_hole(), 9)
    draw = np.random.default_rng(2)
    image = draw.integers(0, np.iinfo(kind).max, (*hole.shape, 3), kind, endpoint=True)
    painted = np.where(hole[..., None], draw.integers(0, 255, image.shape, kind), image)
    share = np.minimum(distance_to(~hole) / 5, 1)[..., None]
    expected = np.rint(share * painted + (1 - share) * image)
    blended = feather(painted, image, hole, 4)
    assert blended is painted
    np.testing.assert_allclose(blended.astype(np.float64), expected, atol=1)
    np.testing.assert_array_equal(blended[~hole], image[~hole])
    np.testing.assert_array_equal(feather(painted.copy(), image, hole, 0), blended)


@pytest.mark.parametrize("pixels", [-1, 513])
def test_distances_out_of_range_are_refused(pixels: int) -> None:
    with pytest.raises(InputError, match="dilate must be 0 to 512 pixels"):
        dilate(_hole(), pixels)
    with pytest.raises(InputError, match="feather must be 0 to 512 pixels"):
        feather(np.zeros((70, 90, 3), np.uint8), np.zeros((70, 90, 3), np.uint8), _hole(), pixels)


@given(rows=st.integers(1, 60), columns=st.integers(1, 60))
def test_auto_grows_by_the_size_of_the_thing(rows: int, columns: int) -> None:
    hole = np.zeros((120, 120), np.bool_)
    hole[30 : 30 + rows, 30 : 30 + columns] = True
    pixels = growth_px(hole, "auto")
    assert 6 <= pixels <= growth_px(np.ones((100, 100), np.bool_), "auto")
    np.testing.assert_array_equal(dilate(hole, "auto"), dilate(hole, pixels))


def test_auto_has_bounds() -> None:
    assert growth_px(np.zeros((9, 9), np.bool_), "auto") == 0
    assert growth_px(np.ones((9, 9), np.bool_), "auto") == 6
    assert growth_px(np.ones((2500, 2500), np.bool_), "auto") == 24
    assert growth_px(np.ones((9, 9), np.bool_), 7) == 7


@pytest.mark.parametrize("text", ["", "automatic", "3.5", "513", "-1", "１"])
def test_neither_pixels_nor_auto_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--dilate must be 0 to 512 pixels"):
        parse_growth("--dilate", text)

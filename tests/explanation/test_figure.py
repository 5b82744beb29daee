"""The figure, pixel by pixel where that can be said."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from splpaint.explanation.figure import Similarity, draw_explanation

GREY, FIRST, SECOND = (90, 90, 90), (40, 80, 60), (200, 120, 160)
HIDDEN = (232, 62, 140)


def _draw(height: int, width: int, *, compared: bool = True) -> NDArray[np.uint8]:
    image, hole = np.full((height, width, 3), GREY, np.uint8), np.zeros((height, width), np.bool_)
    hole[height // 4 : height // 2, width // 4 : width // 2] = True
    cells = np.zeros((8, 8), np.bool_)
    cells[2:4, 2:4] = True
    names = {"a": FIRST, "b": SECOND} if compared else {"a": FIRST}
    figure = draw_explanation(
        image,
        hole,
        painted=image[::4, ::4],
        colours={name: np.full((8, 8, 3), colour, np.uint8) for name, colour in names.items()},
        regions={name: np.full((8, 8), number, np.int32) for number, name in enumerate(names)},
        touched=cells,
        similarity=Similarity(np.full((8, 8), 0.4, np.float32), 0.3, None) if compared else None,
    )
    return np.asarray(figure)


def _extent(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> tuple[int, int]:
    rows, columns = np.nonzero((pixels == colour).all(axis=2))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@pytest.mark.parametrize(("height", "width"), [(300, 300), (100, 600), (500, 100)])
def test_panels_are_alike_in_size_and_have_the_picture_s_proportions(height: int, width: int) -> None:
    pixels = _draw(height, width)
    for colour in (FIRST, SECOND, (86, 180, 233), (230, 159, 0)):
        rows, columns = _extent(pixels, colour)
        assert rows / columns == pytest.approx(height / width, rel=0.03)
        assert rows * columns == pytest.approx(300 * 300, rel=0.05)
    assert 0.5 < pixels.shape[1] / pixels.shape[0] < 3


def test_the_outline_runs_around_the_cells_and_hides_none() -> None:
    pixels = _draw(300, 300)
    rows, columns = np.nonzero((pixels == FIRST).all(axis=2))
    map = pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    drawn = (map != FIRST).any(axis=2)
    cells = drawn.reshape(300, 300)[: 8 * 37, : 8 * 37].reshape(8, 37, 8, 37).mean(axis=(1, 3))
    assert set(zip(*np.nonzero(cells > 0.02), strict=True)) <= {
        (row, column) for row in range(1, 5) for column in range(1, 5)
    }
    assert cells.max() < 0.25
    assert (map[drawn] > 200).any()  # white
    assert (map[drawn] < 30).any()  # in black


def test_the_hole_is_shown_as_it_is_and_one_map_is_compared_with_none() -> None:
    pixels = _draw(300, 300, compared=False)
    hidden = (pixels == HIDDEN).all(axis=2)
    assert hidden.sum() == pytest.approx(75 * 75, rel=0.1)  # and its mark in the key
    assert not (pixels == SECOND).all(axis=2).any()
    assert Image.fromarray(pixels).size < (1300, 800)

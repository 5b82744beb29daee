"""The figure, pixel by pixel where that can be said."""

from __future__ import annotations

import numpy as np

from splpaint.explanation.figure import draw_explanation


def test_panels_stand_in_two_rows_with_the_hole_outlined_on_the_maps() -> None:
    image, hole = np.full((360, 180, 3), 90, np.uint8), np.zeros((360, 180), np.bool_)
    hole[100:200, 50:120] = True
    regions = np.zeros((45, 22), np.int32)
    maps = {"a": np.full((45, 22, 3), 40, np.uint8), "b": np.full((45, 22, 3), 200, np.uint8)}
    figure = draw_explanation(
        image,
        hole,
        painted=image[::4, ::4],
        colours=maps,
        regions={"a": regions, "b": regions + 1},
        error=np.ones((45, 22), np.float32),
    )
    pixels = np.asarray(figure)
    shown = {tuple(colour) for colour in np.unique(pixels.reshape(-1, 3), axis=0).tolist()}
    assert {(90,) * 3, (40,) * 3, (200,) * 3, (86, 180, 233), (230, 159, 0), (232, 62, 140)} <= shown
    assert figure.height > 2 * 360
    assert 4 * 180 < figure.width < 8 * 180
    hidden = (pixels == (232, 62, 140)).all(axis=2)
    assert hidden.sum() == hole.sum()  # on one panel, at the photograph's own size
    row = pixels[np.argwhere(hidden)[0][0] + 50 + 360 + 28]  # across the maps and the middle of their holes
    lines = (row[1:-1] == 255).all(axis=1) & (row[:-2] == 0).all(
        axis=1
    )  # black, then white, coming from the left
    assert lines.sum() >= 4

from __future__ import annotations

import numpy as np
from PIL import Image

from splpaint.evaluation.report.panels import Panel, arrange, on_hole_colour


def plain(colour: str, width: int = 100, height: int = 60) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def test_pictures_keep_their_pixels_and_rows_without_captions_need_no_room() -> None:
    rows = [[Panel(plain("red"), "a"), Panel(plain("blue"), "b")], [Panel(plain("green", height=30))]]
    paper = np.asarray(arrange(rows))
    head = paper.shape[0] - 60 - 8 - 30
    assert head > 12
    assert paper.shape[1] == 208
    for left, top, colour, height in (
        (0, head, "red", 60),
        (108, head, "blue", 60),
        (0, head + 68, "green", 30),
    ):
        part = paper[top : top + height, left : left + 100]
        assert np.array_equal(part, np.asarray(plain(colour, height=height)))
    assert (paper[head:, 100:108] == 255).all()


def test_captions_stay_above_their_picture_however_long_they_are() -> None:
    long = [Panel(plain("red"), "an endless name of a method " * 5), Panel(plain("blue"))]
    paper = np.asarray(arrange([long]).convert("L"))
    head = paper.shape[0] - 60
    assert (paper[:head, :100] < 128).sum() > 50  # ink
    assert (paper[:head, 101:] == 255).all()


def test_a_hole_is_plain_and_the_rest_as_it_was() -> None:
    damaged = np.zeros((4, 6, 4), np.uint8)
    damaged[:, :3] = (10, 20, 30, 255)
    shown = np.asarray(on_hole_colour(Image.fromarray(damaged)))
    assert (shown[:, :3] == (10, 20, 30)).all()
    assert len({tuple(pixel) for pixel in shown[:, 3:].reshape(-1, 3).tolist()}) == 1
    assert tuple(shown[0, 5]) != (0, 0, 0)

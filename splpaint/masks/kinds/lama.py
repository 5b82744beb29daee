"""The thin, medium and thick masks of LaMa (Suvorov et al. 2022), on which its tables are measured.

The parameters and their use are those of the authors' code (configs/data_gen/random_*_256.yaml), in pixels of a
256 x 256 image, scaled with the shorter side. As there, a brush is 5 pixels plus less than ``max_width`` wide, a
segment 10 plus less than ``max_length`` long, there may be one stroke more than ``max_strokes``, and masks that cover
more than half of the image are drawn again. The authors fix no seed; here a mask is a function of (seed, index).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from splpaint.images import Hole
from splpaint.masks.kinds.drawing import GRID, UNIT, Segment, check_numbers, draw, whole
from splpaint.random_streams import random_stream

__all__ = ["medium_mask", "thick_mask", "thin_mask"]


class _Boxes(NamedTuple):
    margin: int
    min_side: int
    max_side: int
    max_count: int  # at least one


class _Parameters(NamedTuple):
    min_strokes: int
    max_strokes: int
    max_width: int
    max_length: int
    boxes: _Boxes | None


_THIN = _Parameters(4, 50, 10, 40, None)
_MEDIUM = _Parameters(4, 5, 50, 100, _Boxes(0, 10, 50, 5))
_THICK = _Parameters(1, 5, 100, 200, _Boxes(10, 30, 150, 3))
_BOX_CHANCE = 0.3 / 1.3  # the weights are 1 for strokes and 0.3 for boxes
# Radians 0.01, 1.01, 2.01 and 3.01 (``max_angle`` 4), as (sine, cosine) in 1/UNIT.
_HEADINGS = tuple(
    (round(UNIT * math.sin(turn + 0.01)), round(UNIT * math.cos(turn + 0.01))) for turn in range(4)
)


def thin_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Draw many thin strokes ("narrow" in the paper); arguments and errors as ``MaskGenerator``.

    Returns:
        bool (height, width), True = hole: not empty, at most half of the image.
    """
    return _draw(_THIN, seed, index, height, width)


def medium_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Draw a few broader strokes, or small boxes; arguments and errors as ``MaskGenerator``.

    Returns:
        bool (height, width), True = hole: not empty, at most half of the image.
    """
    return _draw(_MEDIUM, seed, index, height, width)


def thick_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Draw broad strokes, or large boxes ("wide" in the paper); arguments and errors as ``MaskGenerator``.

    Returns:
        bool (height, width), True = hole: not empty, at most half of the image.
    """
    return _draw(_THICK, seed, index, height, width)


def _draw(parameters: _Parameters, seed: int, index: int, height: int, width: int) -> Hole:
    check_numbers(seed, index, height, width)
    random = random_stream(seed, index)
    mask = np.zeros((height, width), dtype=np.bool_)
    while not 0 < 2 * np.count_nonzero(mask) <= mask.size:
        mask[:] = False
        if parameters.boxes and random.random_sample() < _BOX_CHANCE:
            _draw_boxes(random, parameters.boxes, mask)
        else:
            _draw_strokes(random, parameters, mask)
    return mask


def _draw_strokes(random: np.random.RandomState, parameters: _Parameters, mask: Hole) -> None:
    height, width = mask.shape
    scale = min(height, width) * GRID  # units of the grid for 256 pixels of the paper's image
    for stroke in range(whole(random, parameters.min_strokes, parameters.max_strokes + 1)):
        x, y = GRID * whole(random, 0, width - 1) + GRID // 2, GRID * whole(random, 0, height - 1) + GRID // 2
        for _ in range(whole(random, 1, 5)):
            sine, cosine = _HEADINGS[whole(random, 0, 3)]
            length = whole(random, 10 * scale, (9 + parameters.max_length) * scale) // 256
            radius = max(12, whole(random, 5 * scale, (4 + parameters.max_width) * scale) // 512)
            to_x = x + length * (sine if stroke % 2 else -sine) // UNIT
            to_y = y + length * cosine // UNIT
            to_x, to_y = min(max(to_x, 0), GRID * width), min(max(to_y, 0), GRID * height)
            # Every segment has its own width, so both of its ends are round.
            draw((Segment(x, y, x, y, radius), Segment(x, y, to_x, to_y, radius)), mask)
            x, y = to_x, to_y


def _draw_boxes(random: np.random.RandomState, boxes: _Boxes, mask: Hole) -> None:
    height, width = mask.shape
    side = min(height, width)
    margin = boxes.margin * side // 256
    least = max(1, boxes.min_side * side // 256)
    most = min(max(least, boxes.max_side * side // 256), side - 2 * margin)
    for _ in range(whole(random, 1, boxes.max_count)):
        box_width, box_height = whole(random, least, most), whole(random, least, most)
        left = whole(random, margin, width - margin - box_width)
        top = whole(random, margin, height - margin - box_height)
        mask[top : top + box_height, left : left + box_width] = True

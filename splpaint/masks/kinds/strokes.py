"""Free-form brush strokes after Yu et al. 2019 ("Free-Form Image Inpainting with Gated Convolution", 3.4).

The numbers are those of the authors' code for 256 x 256, scaled with the image's shorter side: one to three
zigzag strokes of 4 to 11 joints, 12 to 40 pixels wide, each axis mirrored half of the time. Differs in drawing
the normally distributed lengths as sums of uniform ones, and in using 256 directions.
"""

from __future__ import annotations

import math

import numpy as np

from splpaint.images import Hole
from splpaint.masks.kinds.drawing import COMPASS, DIRECTIONS, GRID, UNIT, Segment, check_numbers, draw, whole
from splpaint.random_streams import random_stream

__all__ = ["stroke_mask"]

_MEAN_TURN = DIRECTIONS // 5  # 2 pi / 5
_TURN_RANGE = DIRECTIONS // 15  # 2 pi / 15


def stroke_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Draw one to three free-form strokes; arguments and errors as ``MaskGenerator``.

    Returns:
        bool (height, width), True = hole; never empty.
    """
    check_numbers(seed, index, height, width)
    random = random_stream(seed, index)
    mask = np.zeros((height, width), dtype=np.bool_)
    for _ in range(whole(random, 1, 3)):
        draw(_zigzag(random, height, width), mask)
    if random.random_sample() < 0.5:
        mask = mask[:, ::-1]
    if random.random_sample() < 0.5:
        mask = mask[::-1]
    return np.ascontiguousarray(mask)


def _zigzag(random: np.random.RandomState, height: int, width: int) -> list[Segment]:
    """One stroke: joints alternate between a heading and its mirror image, so the line sways to and fro."""
    joints = whole(random, 4, 11)
    least_turn = _MEAN_TURN - whole(random, 0, _TURN_RANGE)
    most_turn = _MEAN_TURN + whole(random, 0, _TURN_RANGE)
    pixel = min(height, width) * GRID // 256 or 1  # one pixel of a 256 x 256 image, in units of the grid
    radius = max(12, whole(random, 12 * pixel, 40 * pixel) // 2)
    mean_length = math.isqrt((height * height + width * width) * GRID * GRID) // 8
    x, y = GRID * whole(random, 0, width - 1) + GRID // 2, GRID * whole(random, 0, height - 1) + GRID // 2
    segments = [Segment(x, y, x, y, radius)]
    for joint in range(joints):
        turn = whole(random, least_turn, most_turn)
        cosine, sine = COMPASS[turn if joint % 2 else -turn % DIRECTIONS]
        length = _normal_length(random, mean_length)
        to_x = min(max(x + length * cosine // UNIT, 0), GRID * width)
        to_y = min(max(y + length * sine // UNIT, 0), GRID * height)
        segments.append(Segment(x, y, to_x, to_y, radius))
        x, y = to_x, to_y
    return segments


def _normal_length(random: np.random.RandomState, mean: int) -> int:
    """Normal with half the mean as its deviation, clipped to [0, 2 mean], in whole numbers."""
    # Twelve uniform numbers have the variance 1 together (Irwin-Hall).
    deviations = sum(int(number * UNIT) for number in random.random_sample(12).tolist()) - 6 * UNIT
    return min(max(mean + mean * deviations // (2 * UNIT), 0), 2 * mean)

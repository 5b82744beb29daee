"""Rectangles."""

from __future__ import annotations

import numpy as np

from splpaint.images import Hole
from splpaint.masks.kinds.drawing import (
    check_numbers,
)
from splpaint.random_streams import random_stream

__all__ = ["box_mask"]


def box_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Draw one rectangle that covers 5 % to 30 % of the image; arguments and errors as ``MaskGenerator``.

    Returns:
        bool (height, width), True = hole.
    """
    check_numbers(seed, index, height, width)
    flip, share, first, top, left = random_stream(seed, index).random_sample(5).tolist()
    sides = (width, height) if flip < 0.5 else (height, width)
    # One side between 0.3 and 0.8 of the image's, the other from the area: at most all of it.
    long = -(-sides[0] * 3 // 10) + int(first * (sides[0] // 2))
    smallest, largest = height * width // 20 + long, height * width * 3 // 10
    short = min((smallest + int(share * (largest - smallest + 1))) // long, sides[1])
    box_width, box_height = (long, short) if flip < 0.5 else (short, long)
    y, x = int(top * (height - box_height + 1)), int(left * (width - box_width + 1))
    mask = np.zeros((height, width), dtype=np.bool_)
    mask[y : y + box_height, x : x + box_width] = True
    return mask

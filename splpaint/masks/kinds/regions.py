"""Masks of plain regions: the centre, one half, and a frame to paint outwards into."""

from __future__ import annotations

import numpy as np

from splpaint.images import Hole
from splpaint.masks.kinds.drawing import check_numbers, whole
from splpaint.random_streams import random_stream

__all__ = ["centre_mask", "half_mask", "outpaint_mask"]


def centre_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """The centred square of half the shorter side (Pathak et al. 2016), whatever the seed and index.

    Returns:
        bool (height, width), True = hole: a quarter of a square image.
    """
    check_numbers(seed, index, height, width)
    mask = np.zeros((height, width), dtype=np.bool_)
    side = min(height, width) // 2
    top, left = (height - side) // 2, (width - side) // 2
    mask[top : top + side, left : left + side] = True
    return mask


def half_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """The left, right, upper or lower half, each as likely; arguments and errors as ``MaskGenerator``.

    Returns:
        bool (height, width), True = hole; of an odd side the smaller half.
    """
    check_numbers(seed, index, height, width)
    mask = np.zeros((height, width), dtype=np.bool_)
    halves = (
        np.s_[:, : width // 2],
        np.s_[:, -(width // 2) :],
        np.s_[: height // 2],
        np.s_[-(height // 2) :],
    )
    mask[halves[whole(random_stream(seed, index), 0, 3)]] = True
    return mask


def outpaint_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """A frame along the border, each side's breadth drawn from 1/16 to 1/4 of the image's side.

    Returns:
        bool (height, width), True = hole: about a quarter to three quarters of the image, all connected.
    """
    check_numbers(seed, index, height, width)
    random = random_stream(seed, index)
    top, bottom = (whole(random, height // 16, height // 4) for _ in range(2))
    left, right = (whole(random, width // 16, width // 4) for _ in range(2))
    mask = np.ones((height, width), dtype=np.bool_)
    mask[top : height - bottom, left : width - right] = False
    return mask

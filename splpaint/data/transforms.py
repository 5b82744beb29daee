"""Crop and resize: one box of a photograph => a picture of the wanted size (numpy and Pillow only)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image


class Box(NamedTuple):
    """A rectangle of a photograph, in its pixels; fractions are allowed."""

    left: float
    top: float
    right: float
    bottom: float


def centre_square(width: int, height: int) -> Box:
    """The largest centred square of a picture, on whole pixels."""
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return Box(left, top, left + side, top + side)


def random_square(rng: np.random.RandomState, width: int, height: int, *, side: float) -> Box:
    """A square of ``side`` pixels (at most the shorter side) anywhere in a picture."""
    side = min(side, width, height)
    left, top = rng.uniform(0, width - side), rng.uniform(0, height - side)
    return Box(left, top, left + side, top + side)


def resize_box(pixels: np.ndarray, box: Box, side_px: int) -> np.ndarray:
    """Resize a square box to ``side_px``: mean over areas when it shrinks, bicubic when it grows.

    Args:
        pixels: uint8 (H,W,3).
        box: Inside the picture.
        side_px: Height and width of the result.

    Returns:
        uint8 (side_px,side_px,3).
    """
    shrinks = box.right - box.left >= side_px
    method = Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(pixels).resize((side_px, side_px), method, box=box))

"""Cropping and resizing: one box of an image => an image of the wanted size (NumPy and Pillow only)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.images.arrays import Hole


class CropBox(NamedTuple):
    """A rectangle of an image, in pixels; fractions are allowed."""

    left: float
    top: float
    right: float
    bottom: float


def centre_square(width: int, height: int) -> CropBox:
    """The largest centred square of an image, on whole pixels."""
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return CropBox(left, top, left + side, top + side)


def square_at(left: float, top: float, width: int, height: int, *, side: float) -> CropBox:
    """A square of ``side`` pixels (at most the shorter side) in an image.

    Args:
        left: Its place from the left edge, 0, to the right one, 1.
        top: Its place from the upper edge, 0, to the lower one, 1.
        width: Width of the image.
        height: Height of the image.
        side: Side of the square.
    """
    side = min(side, width, height)
    x, y = left * (width - side), top * (height - side)
    return CropBox(x, y, x + side, y + side)


def resize_box(pixels: np.ndarray | Image.Image, box: CropBox, side_px: int) -> np.ndarray:
    """Resize a square box to ``side_px``: mean over areas when it shrinks, bicubic when it grows.

    Args:
        pixels: uint8 (H,W,3), or the same as a PIL image, which saves converting it each time.
        box: Inside the image.
        side_px: Height and width of the result.

    Returns:
        uint8 (side_px,side_px,3).
    """
    shrinks = box.right - box.left >= side_px
    method = Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    return np.asarray(picture.resize((side_px, side_px), method, box=box))


def squeeze_box(pixels: np.ndarray, box: CropBox, side_px: int) -> np.ndarray:
    """Resize a box, square or not, to a square by bilinear interpolation without antialiasing.

    Sample positions are those of OpenCV's INTER_LINEAR: pixel centres on pixel centres, the border repeated.

    Args:
        pixels: uint8 (H,W,3).
        box: On whole pixels, inside the image.
        side_px: Height and width of the result.

    Returns:
        uint8 (side_px,side_px,3).
    """
    left, top, right, bottom = (round(edge) for edge in box)
    part = pixels[top:bottom, left:right]
    (low_y, high_y, y), (low_x, high_x, x) = (bilinear_taps(part.shape[axis], side_px) for axis in (0, 1))
    rows = part[low_y] * (1 - y)[:, None, None] + part[high_y] * y[:, None, None]
    blended = rows[:, low_x] * (1 - x)[:, None] + rows[:, high_x] * x[:, None]
    squeezed: np.ndarray = np.rint(blended).astype(np.uint8)
    return squeezed


def fit_hole(hole: Hole, side_px: int) -> Hole:
    """Crop a hole (H,W) to its central square and resize that by nearest pixel to (side_px,side_px).

    In whole numbers: Pillow's NEAREST adds up fractions, whose rounding moves single pixels.
    """
    left, top, right, bottom = map(int, centre_square(hole.shape[1], hole.shape[0]))
    centres = 2 * np.arange(side_px) + 1  # of the new pixels, in halves of them
    rows = top + centres * (bottom - top) // (2 * side_px)
    columns = left + centres * (right - left) // (2 * side_px)
    fitted: Hole = hole[np.ix_(rows, columns)]
    return fitted


def bilinear_taps(size: int, side_px: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel of ``side_px``: its two neighbours among ``size`` pixels, and the second one's share."""
    at = np.clip((np.arange(side_px) + 0.5) * size / side_px - 0.5, 0, size - 1)
    low = np.floor(at).astype(np.intp)
    return low, np.minimum(low + 1, size - 1), (at - low).astype(np.float32)

"""Cropping and resizing: one box of an image => an image of the wanted size (NumPy and Pillow only)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.images.arrays import Hole, Pixels


class CropBox(NamedTuple):
    """A rectangle of an image, in pixels; fractions are allowed."""

    left: float
    top: float
    right: float
    bottom: float


class Resampling(StrEnum):
    """How an image gets another size, to the bit.

    Attributes:
        AREA: Each axis apart: where it shrinks, the mean of the pixels whose centres lie in the new one (Pillow's BOX);
            where it grows, Pillow's BICUBIC, which also looks at the pixels around the box.
        BILINEAR: OpenCV's INTER_LINEAR: the two neighbours of the new pixel's centre on each axis, however much
            it shrinks (no antialiasing), with weights in steps of 1/2048.
        BICUBIC: Pillow's BICUBIC: Keys' cubic with a = -0.5, widened where an axis shrinks (antialiasing).
        LANCZOS: Pillow's LANCZOS: three lobes, widened where an axis shrinks (antialiasing).
    """

    AREA = "area"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    LANCZOS = "lanczos"


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
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    return _by_area(picture, box, side_px, side_px)


def resample(pixels: Pixels, box: CropBox, width: int, height: int, how: Resampling) -> Pixels:
    """Resize a box of an image, in its proportions or not.

    Args:
        pixels: uint8 (H,W,3).
        box: On whole pixels, inside the image.
        width: Of the result, in pixels.
        height: Of the result, in pixels.
        how: See ``Resampling``.

    Returns:
        uint8 (height,width,3).
    """
    if how is Resampling.AREA:
        return _by_area(Image.fromarray(pixels), box, width, height)
    left, top, right, bottom = map(int, box)
    part = pixels[top:bottom, left:right]
    if how is Resampling.BILINEAR:
        return _as_opencv(part, width, height)
    return np.asarray(Image.fromarray(part).resize((width, height), _METHODS[how]))


_METHODS = {Resampling.BICUBIC: Image.Resampling.BICUBIC, Resampling.LANCZOS: Image.Resampling.LANCZOS}


def _by_area(picture: Image.Image, box: CropBox, width: int, height: int) -> Pixels:
    across, down = _area_method(box.right - box.left, width), _area_method(box.bottom - box.top, height)
    if across is not down:  # Pillow has one method for both axes; it, too, begins with the rows
        rows = CropBox(box.left, 0, box.right, picture.height)
        picture = picture.resize((width, picture.height), across, box=rows)
        box = box._replace(left=0, right=width)
    return np.asarray(picture.resize((width, height), down, box=box))


def _area_method(old_px: float, new_px: int) -> Image.Resampling:
    return Image.Resampling.BOX if old_px >= new_px else Image.Resampling.BICUBIC


def _as_opencv(pixels: Pixels, width: int, height: int) -> Pixels:
    # In whole numbers, rounded and cut off where OpenCV does, so that no level differs.
    (top, down), (left, across) = _opencv_taps(pixels.shape[0], height), _opencv_taps(pixels.shape[1], width)
    # Outside the centres of the first and last pixel a column counts alone, rows are blended with themselves.
    across[(left < 0) | (left >= pixels.shape[1] - 1)] = 0
    near, far = _opencv_weights(across)

    def blended(rows: np.ndarray) -> np.ndarray:  # => int32 (height,width,3), times 2048
        rows = np.clip(rows, 0, pixels.shape[0] - 1)[:, None]
        columns = np.clip((left, left + 1), 0, pixels.shape[1] - 1)
        first, second = (pixels[rows, each].astype(np.int32) for each in columns)
        mixed: np.ndarray = first * near[:, None] + second * far[:, None]
        return mixed

    upper, lower = (
        ((blended(rows) >> 4) * weight[:, None, None]) >> 16
        for rows, weight in zip((top, top + 1), _opencv_weights(down), strict=True)
    )
    resized: Pixels = ((upper + lower + 2) >> 2).astype(np.uint8)
    return resized


def _opencv_taps(size: int, new_size: int) -> tuple[np.ndarray, np.ndarray]:
    """For each new pixel: the old one left of its centre, and the share of the next; outside, too."""
    at = ((np.arange(new_size) + 0.5) / (new_size / size) - 0.5).astype(np.float32)
    low = np.floor(at)
    return low.astype(np.intp), at - low


def _opencv_weights(share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weights of both neighbours, each rounded to 1/2048: int32."""
    return np.rint((1 - share) * 2048).astype(np.int32), np.rint(share * 2048).astype(np.int32)


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


def fit_hole(hole: Hole, box: CropBox, width: int, height: int) -> Hole:
    """Resize a box (on whole pixels) of a hole (H,W) by nearest pixel to (height,width).

    In whole numbers: Pillow's NEAREST adds up fractions, whose rounding moves single pixels.
    """
    left, top, right, bottom = map(int, box)
    rows = top + _nearest(bottom - top, height)
    columns = left + _nearest(right - left, width)
    fitted: Hole = hole[np.ix_(rows, columns)]
    return fitted


def _nearest(size: int, new_size: int) -> np.ndarray:
    """The old pixel under the centre of each new one."""
    centres = 2 * np.arange(new_size) + 1  # in halves of a new pixel
    return centres * size // (2 * new_size)


def bilinear_taps(size: int, side_px: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel of ``side_px``: its two neighbours among ``size`` pixels, and the second one's share."""
    at = np.clip((np.arange(side_px) + 0.5) * size / side_px - 0.5, 0, size - 1)
    low = np.floor(at).astype(np.intp)
    return low, np.minimum(low + 1, size - 1), (at - low).astype(np.float32)

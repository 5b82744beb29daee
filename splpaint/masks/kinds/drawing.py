"""What all generated masks share: a frozen random stream and thick lines on an integer grid.

Geometry is integer arithmetic on a grid of 1/16 pixel and the random stream is one that NumPy keeps frozen,
so no rounding of a machine or library can move a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import InputError
from splpaint.images import Hole

__all__ = [
    "COMPASS",
    "DIRECTIONS",
    "GRID",
    "MIN_SIDE_PX",
    "UNIT",
    "MaskGenerator",
    "Segment",
    "check_numbers",
    "coverage",
    "draw",
    "offsets",
    "whole",
    "window",
]

MIN_SIDE_PX = 16

GRID = 16
"""Units per pixel; pixel i has its centre at 16 i + 8."""

DIRECTIONS = 256

# Unit vectors in 1/16384: coarse enough that no library's sine rounds another way.
UNIT = 16384

COMPASS = tuple(
    (round(UNIT * math.cos(math.tau * k / DIRECTIONS)), round(UNIT * math.sin(math.tau * k / DIRECTIONS)))
    for k in range(DIRECTIONS)
)
"""Unit vectors (x, y) of ``DIRECTIONS`` directions, in 1/``UNIT``."""

_WholeNumbers = NDArray[np.int32] | NDArray[np.int64]


class MaskGenerator(Protocol):
    """A function of (seed, index) that draws a mask: bool (height, width), True = hole."""

    def __call__(self, *, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
        """Draw a mask.

        Args:
            seed: Names the sequence of masks, in [0, 2**32).
            index: Place in the sequence, in [0, 2**32).
            height: Rows in pixels, at least 16.
            width: Columns in pixels, at least 16.

        Raises:
            InputError: A number is out of its range.
        """


def check_numbers(seed: int, index: int, height: int, width: int) -> None:
    """Refuse a seed or index outside [0, 2**32) and sides under 16 pixels with an ``InputError``."""
    for name, number in (("seed", seed), ("index", index)):
        if not 0 <= number < 2**32:
            raise InputError(
                f"expected a mask {name} from 0 to {2**32 - 1}, got {number}; choose a number in between"
            )
    if min(height, width) < MIN_SIDE_PX:
        raise InputError(
            f"expected a mask of at least {MIN_SIDE_PX}x{MIN_SIDE_PX} pixels, got {width}x{height}; "
            "draw a larger one or pass a mask file"
        )


def whole(random: np.random.RandomState, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included, each as likely."""
    return low + int(random.random_sample() * (high - low + 1))


class Segment(NamedTuple):
    """A thick line with round ends, in units of the grid."""

    x: int
    y: int
    to_x: int
    to_y: int
    radius: int


def draw(segments: Iterable[Segment], mask: Hole) -> None:
    """Add segments to ``mask``; what lies outside the image is cut off."""
    for segment in segments:
        rows, columns = window(segment, *mask.shape)
        px, py = offsets(segment, rows, columns)
        mask[rows, columns] |= coverage(segment, px, py)


def window(segment: Segment, height: int, width: int) -> tuple[slice, slice]:
    """The rows and columns of the image that a segment may touch; may be empty."""
    x, y, to_x, to_y, radius = segment
    rows = _pixels(min(y, to_y) - radius, max(y, to_y) + radius, height)
    return rows, _pixels(min(x, to_x) - radius, max(x, to_x) + radius, width)


def offsets(segment: Segment, rows: slice, columns: slice) -> tuple[_WholeNumbers, _WholeNumbers]:
    """Pixel centres relative to the segment's start: x as a row (1,w) and y as a column (h,1)."""
    x, y, to_x, to_y, radius = segment
    # Numbers in ``coverage`` reach twice the square of this; where 32 bits hold that, they are faster.
    largest = max(abs(to_x - x), abs(to_y - y)) + radius + GRID
    number = np.dtype(np.int32 if largest < 32768 else np.int64)
    px = GRID * np.arange(columns.start, columns.stop, dtype=number) + (GRID // 2 - x)
    py = GRID * np.arange(rows.start, rows.stop, dtype=number) + (GRID // 2 - y)
    return px[None, :], py[:, None]


def coverage(segment: Segment, px: _WholeNumbers, py: _WholeNumbers) -> Hole:
    """Which of the pixels (from ``offsets``) the segment covers, without the round end at its start.

    The start is the end of the segment before; a chain begins with a segment of length 0.
    """
    dx, dy, radius = segment.to_x - segment.x, segment.to_y - segment.y, segment.radius
    inside: Hole = (px - dx) ** 2 + (py - dy) ** 2 <= radius * radius
    if length_squared := dx * dx + dy * dy:
        along = px * dx + py * dy  # |p| |d| cos
        across = px * dy - py * dx  # |p| |d| sin: distance to the line times the length
        reach = math.isqrt(radius * radius * length_squared)
        inside |= (np.abs(across) <= reach) & (along >= 0) & (along <= length_squared)
    return inside


def _pixels(low: int, high: int, size: int) -> slice:
    return slice(max(0, low // GRID), max(0, min(size, high // GRID + 1)))

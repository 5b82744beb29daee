"""Irregular masks, each a pure function of (seed, index), with the same pixels on every machine.

They are free-form brush strokes (after Yu et al. 2019, "Free-Form Image Inpainting with Gated
Convolution", sec. 3.4) grown to an area drawn within one of six bins, those of Liu et al. 2018 ("Image
Inpainting for Irregular Holes Using Partial Convolutions", sec. 4.1), who keep half of theirs off the border.
"""

from __future__ import annotations

import numpy as np

from splpaint.errors import InputError
from splpaint.images import Hole
from splpaint.masks.kinds.drawing import (
    COMPASS,
    DIRECTIONS,
    GRID,
    UNIT,
    Segment,
    check_numbers,
    coverage,
    offsets,
    window,
)
from splpaint.masks.ratios import _BINS_PERCENT, RATIO_BINS
from splpaint.random_streams import random_stream

__all__ = ["irregular_mask"]

# Brush radii, log-uniform: 1 % to 6 % of the shorter side (strokes of 2 % to 12 %), in 1/65536 of it.
_RADII = tuple(round(65536 * 0.01 * 6 ** (k / 63)) for k in range(64))

_MIN_RADIUS = 12  # 3/4 pixel: a thinner brush would slip between pixel centres

_MAX_SEGMENTS = 12


def irregular_mask(
    *, seed: int, index: int, height: int = 256, width: int = 256, bin: int | None = None
) -> Hole:
    """Draw the irregular mask number ``index`` of the sequence ``seed``.

    Args:
        seed: Names the sequence of masks, in [0, 2**32).
        index: Place in the sequence, in [0, 2**32).
        height: Rows in pixels, at least 16.
        width: Columns in pixels, at least 16.
        bin: Which of ``RATIO_BINS`` (0 to 5) the hole's share of the image lies in; by default ``index % 6``.

    Returns:
        bool (height, width), True = hole. The share is drawn uniformly within the bin and always lies in it.
        Where ``(index // 6) % 2`` is 1 the hole keeps 50/512 of the image's height (rounded down) off the
        top and bottom, and of its width off the left and right; where it is 0 it may touch them.

    Raises:
        InputError: A number is out of its range.
    """
    check_numbers(seed, index, height, width)
    bin = index % 6 if bin is None else bin
    if bin not in range(6):
        raise InputError(
            f"expected a bin from 0 to 5, got {bin}; choose among {', '.join(RATIO_BINS)} by position"
        )
    keep_off = (index // 6) % 2 == 1
    margin_y, margin_x = (height * 50 // 512, width * 50 // 512) if keep_off else (0, 0)

    random = random_stream(seed, index)
    mask = np.zeros((height, width), dtype=np.bool_)
    free = np.ones(
        (height - 2 * margin_y, width - 2 * margin_x), dtype=np.bool_
    )  # where holes may still grow
    missing = _draw_area(random, bin, height * width)
    while missing > 0:
        # A stroke starts on a free pixel and so covers at least that: this ends, at exactly the area drawn.
        for segment in _stroke(random, free, hard_edges=keep_off):
            missing -= _paint(segment, free, at_most=missing)
    mask[margin_y : height - margin_y, margin_x : width - margin_x] = ~free
    return mask


def _draw_area(random: np.random.RandomState, bin: int, pixels: int) -> int:
    """Pixels of hole: uniform over the whole numbers n with low < n / pixels <= high."""
    low, high = _BINS_PERCENT[bin]
    fewest, most = pixels * low // 100 + 1, pixels * high // 100
    return fewest + int(random.random_sample() * (most - fewest + 1))


def _stroke(random: np.random.RandomState, free: Hole, *, hard_edges: bool) -> list[Segment]:
    """A chain of segments from a random free pixel, turning at random at each joint.

    With ``hard_edges`` the brush stays inside the rectangle; otherwise its centre may leave it by one long segment.
    """
    height, width = free.shape
    side = GRID * min(height, width)
    pick, size, count, turning, heading_at, *rest = random.random_sample(5 + 2 * _MAX_SEGMENTS).tolist()
    candidates = np.flatnonzero(free)
    row, column = divmod(int(candidates[int(pick * len(candidates))]), width)
    x, y = GRID * column + GRID // 2, GRID * row + GRID // 2

    radius = max(_MIN_RADIUS, side * _RADII[int(size * len(_RADII))] >> 16)
    if hard_edges:
        x, y, radius = _fit(x, y, radius, GRID * width, GRID * height)
    inset = radius if hard_edges else -side // 16
    bounds_x, bounds_y = (inset, GRID * width - inset), (inset, GRID * height - inset)

    heading = int(heading_at * DIRECTIONS)
    max_turn = 10 + int(turning * 70)  # 14 to 111 degrees: from gentle curves to scribbles
    segments = [Segment(x, y, x, y, radius)]
    for turn, length_at in zip(rest[::2][: 1 + int(count * _MAX_SEGMENTS)], rest[1::2], strict=False):
        wanted = heading + int((2 * turn - 1) * max_turn)
        length = side // 32 + int(length_at * side) // 6  # 3 % to 20 % of the shorter side
        for quarter in (0, 1, 3, 2):  # where the edge is in the way: turn off, at last turn round
            heading = (wanted + quarter * DIRECTIONS // 4) % DIRECTIONS
            to_x, to_y = (
                at + length * part // UNIT for at, part in zip((x, y), COMPASS[heading], strict=True)
            )
            if bounds_x[0] <= to_x <= bounds_x[1] and bounds_y[0] <= to_y <= bounds_y[1]:
                segments.append(Segment(x, y, to_x, to_y, radius))
                x, y = to_x, to_y
                break
    return segments


def _fit(x: int, y: int, radius: int, width: int, height: int) -> tuple[int, int, int]:
    """Move a disc inside the rectangle (strokes are not cut straight), still covering the pixel (x, y)."""
    inner_x = min(max(x, radius), width - radius)
    inner_y = min(max(y, radius), height - radius)
    if (inner_x - x) ** 2 + (inner_y - y) ** 2 <= radius * radius:
        return inner_x, inner_y, radius
    # Deep in a corner only a smaller brush reaches.
    return x, y, min(radius, x, y, width - x, height - y)


def _paint(segment: Segment, free: Hole, *, at_most: int) -> int:
    """Take up to ``at_most`` of the segment's pixels out of ``free``, from its start on; returns how many."""
    rows, columns = window(segment, *free.shape)
    free_here = free[rows, columns]
    if at_most <= 0 or not free_here.any():
        return 0
    px, py = offsets(segment, rows, columns)
    inside = coverage(segment, px, py) & free_here
    taken = int(np.count_nonzero(inside))
    if taken > at_most:
        where = np.flatnonzero(inside)
        surplus = where[np.argsort((px * px + py * py).ravel()[where], kind="stable")[at_most:]]
        inside.ravel()[surplus] = False
        taken = at_most
    free_here &= ~inside
    return taken

"""Windows of an image, and how thick the holes in them are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from splpaint.images import Hole

__all__ = [
    "Window",
    "squares_within",
    "thickness_px",
    "tight_window",
    "tiles_with_any",
    "wholly_missing_cells",
]

_MOST_CELLS = 256


class Window(NamedTuple):
    """A rectangle of pixels, ``bottom`` and ``right`` outside it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The index of the window in an array ``(H, W, ...)``."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def within(self, outer: Window) -> tuple[slice, slice]:
        """The index of the window in the part of an array that ``outer`` cuts out."""
        rows = slice(self.top - outer.top, self.bottom - outer.top)
        return rows, slice(self.left - outer.left, self.right - outer.left)

    @property
    def extent_px(self) -> int:
        """The longer side."""
        return max(self.bottom - self.top, self.right - self.left)

    @property
    def area(self) -> int:
        """Its number of pixels."""
        return (self.bottom - self.top) * (self.right - self.left)

    def pieces(self, side_px: int) -> int:
        """How many squares of this side cover it."""
        return -(-(self.bottom - self.top) // side_px) * -(-(self.right - self.left) // side_px)

    def widen(self, margin_px: int, height: int, width: int) -> Window:
        """The window with a margin all around, within an image of this size."""
        return Window(
            max(self.top - margin_px, 0),
            max(self.left - margin_px, 0),
            min(self.bottom + margin_px, height),
            min(self.right + margin_px, width),
        )


def tiles_with_any(marked: Hole, side_px: int) -> Iterator[Window]:
    """The squares of a grid, of this side, that hold anything marked, each cut off at the first and last of it."""
    height, width = marked.shape
    for top in range(0, height, side_px):
        bottom = min(top + side_px, height)
        if not marked[top:bottom].any():
            continue
        for left in range(0, width, side_px):
            tile = tight_window(marked, Window(top, left, bottom, min(left + side_px, width)))
            if tile is not None:
                yield tile


def tight_window(marked: Hole, window: Window) -> Window | None:
    """The smallest window inside another that holds all that is marked there; None if nothing is."""
    rows = np.flatnonzero(marked[window.slices].any(axis=1))
    if rows.size == 0:
        return None
    columns = np.flatnonzero(marked[window.slices].any(axis=0))
    return Window(
        window.top + int(rows[0]),
        window.left + int(columns[0]),
        window.top + int(rows[-1]) + 1,
        window.left + int(columns[-1]) + 1,
    )


def thickness_px(hole: Hole) -> int:
    """Side of the largest square of missing pixels; in a large image coarsely, in 256ths of its longer side."""
    cell_px = -(-max(hole.shape) // _MOST_CELLS)
    full = wholly_missing_cells(hole, cell_px)
    low, high = 0, min(full.shape)
    while low < high:
        side = (low + high + 1) // 2
        low, high = (side, high) if squares_within(full, side).any() else (low, side - 1)
    return min(low * cell_px + cell_px - 1, *hole.shape) if cell_px > 1 else low


def wholly_missing_cells(hole: Hole, cell_px: int) -> Hole:
    """(H,W) => (ceil(H/cell),ceil(W/cell)): which square cells are missing altogether."""
    for axis in (0, 1) if cell_px > 1 else ():
        starts = np.arange(0, hole.shape[axis], cell_px)
        hole = np.logical_and.reduceat(hole, starts, axis=axis)
    return hole


def squares_within(marked: Hole, side: int) -> Hole:
    """(H,W) => (H-side+1,W-side+1): the upper left corners of squares that are marked altogether."""
    sums = np.pad(marked, ((1, 0), (1, 0))).cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
    counts = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    squares: Hole = counts == side * side
    return squares

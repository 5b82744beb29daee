"""Where a hole is too thick for a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from splpaint.images import Hole
from splpaint.inference.windows import (
    Window,
    squares_within,
    thickness_px,
    tight_window,
    wholly_missing_cells,
)

__all__ = ["Region", "thick_regions"]

_THICK_PX = 28  # squares of this side, and what lies at most as far from them, are filled
_CELL_PX = 4
_GAP_CELLS = 16  # regions this far apart are filled one after the other
_MARGIN = 3  # times the thickness: nearer, there may be nothing that fits
_LEAST_MARGIN_PX = 64
_ENOUGH_PX = 16_000_000  # no window grows beyond four times this: it takes 16 bytes a pixel


class Region(NamedTuple):
    """A thick hole, or several near each other.

    Attributes:
        window: The region with the surroundings that it is filled from.
        hole: bool (h,w), the pixels of the window to fill.
    """

    window: Window
    hole: Hole


def thick_regions(hole: Hole, avoid: Hole | None = None) -> Iterator[Region]:
    """Find where a hole is too thick for a network.

    Args:
        hole: bool ``(H, W)``, True = missing.
        avoid: bool ``(H, W)``, known pixels from which nothing is copied: windows grow until they hold as many others
            as there are pixels to fill.
    """
    cells = _thick_cells(hole)
    for part in _split(cells, Window(0, 0, *cells.shape)):
        box = Window(*(side * _CELL_PX for side in part)).widen(0, *hole.shape)
        large = cells[part.slices].repeat(_CELL_PX, axis=0).repeat(_CELL_PX, axis=1)
        thick = hole[box.slices] & large[: box.bottom - box.top, : box.right - box.left]
        tight = tight_window(thick, Window(0, 0, *thick.shape))
        assert tight is not None
        around = Window(*(at + by for at, by in zip(tight, 2 * box[:2], strict=True)))
        margin_px = max(_MARGIN * thickness_px(thick), _LEAST_MARGIN_PX)
        window = _window(around, margin_px, hole, avoid, least=int(thick.sum()))
        region = np.zeros((window.bottom - window.top, window.right - window.left), np.bool_)
        region[around.within(window)] = thick[tight.slices]
        yield Region(window, region)


def _window(around: Window, margin_px: int, hole: Hole, avoid: Hole | None, least: int) -> Window:
    # The margin is doubled until enough is left to copy from, which is looked for in so many pixels at most.
    window = around.widen(margin_px, *hole.shape)
    while avoid is not None and window.area < min(hole.size, _ENOUGH_PX):
        if np.count_nonzero(~(hole[window.slices] | avoid[window.slices])) >= least:
            break
        margin_px *= 2
        window = around.widen(margin_px, *hole.shape)
    return window


def _thick_cells(hole: Hole) -> Hole:
    # Cells that touch a thick square or lie at most its side away.
    full = wholly_missing_cells(hole, _CELL_PX)
    side = _THICK_PX // _CELL_PX
    if min(full.shape) < side:
        return np.zeros_like(full)
    starts = np.pad(squares_within(full, side), 2 * side - 1)
    near: Hole = ~squares_within(~starts, 3 * side)
    return near


def _split(marked: Hole, window: Window) -> Iterator[Window]:
    # Windows around what is marked, cut apart along empty rows and columns.
    tight = tight_window(marked, window)
    if tight is None:
        return
    for axis in (0, 1):
        lines = np.flatnonzero(marked[tight.slices].any(axis=1 - axis))
        gaps = np.diff(lines)
        if gaps.size and gaps.max() > _GAP_CELLS:
            cut = int(lines[gaps.argmax()]) + 1
            if axis == 0:
                halves = tight._replace(bottom=tight.top + cut), tight._replace(top=tight.top + cut)
            else:
                halves = tight._replace(right=tight.left + cut), tight._replace(left=tight.left + cut)
            for half in halves:
                yield from _split(marked, half)
            return
    yield tight

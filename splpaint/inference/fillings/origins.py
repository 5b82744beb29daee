"""Every patch of a filling of the reduced image, found among the known ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole, Pixels

__all__ = ["PATCH_RADIUS", "Floats", "Level", "Origins", "Whole", "find_origins"]

Level = TypeVar("Level", np.uint8, np.uint16)
Floats = NDArray[np.float32]
Whole = NDArray[np.int64]

PATCH_RADIUS = 3
"""Of the patches that are looked up: pixels on each side of the one in the middle."""

_GRID = 3  # one pixel in so many is looked up among all; those between try what their neighbours found
_NEIGHBOURS = np.array([(0, 0), *((y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x)])
_PAIRS_AT_ONCE = 20_000_000
_LEVELLED_OVER = 7


class Origins(NamedTuple):
    """The origin of every pixel of the reduced region.

    Attributes:
        inside: bool (h,w), the region.
        moves: (h,w,2) rows and columns from there to the origin.
        levels: float32 (h,w,3), added to the pixels there.
        error: Mean squared difference of a patch from the one it comes from, summed over its pixels.
    """

    inside: Hole
    moves: Whole
    levels: Floats
    error: float


def find_origins(filled: Pixels, small: NDArray[Level], region: Hole, sources: Hole) -> Origins:
    """Find every patch of the filling among the known ones."""
    patches = _Patches(filled, sources)
    rows, columns = np.nonzero(region)
    on_grid = (rows % _GRID == 0) & (columns % _GRID == 0)
    grid = np.full(
        (*region.shape, 2), np.iinfo(np.int32).min, np.int64
    )  # far outside where nothing is looked up
    grid[rows[on_grid], columns[on_grid]] = patches.nearest(rows[on_grid], columns[on_grid])
    moves, errors = patches.best(rows, columns, _nearby(grid, rows, columns))
    found = np.isfinite(errors)
    rows, columns, moves = rows[found], columns[found], moves[found]
    inside = np.zeros_like(region)
    inside[rows, columns] = True
    placed = np.zeros((*region.shape, 2), np.int64)
    placed[rows, columns] = moves
    scale = np.float32(np.iinfo(small.dtype).max / 255)
    levels = np.zeros(filled.shape, np.float32)
    levels[rows, columns] = filled[rows, columns] * scale - small[rows + moves[:, 0], columns + moves[:, 1]]
    error = float(errors[found].mean()) if found.any() else 0.0
    return Origins(inside, placed, _smooth(levels, inside), error)


def _nearby(grid: Whole, rows: Whole, columns: Whole) -> Iterator[Whole]:
    # What was found for the pixels that are looked up, around each.
    for shift in _NEIGHBOURS:
        at = (rows // _GRID * _GRID + _GRID * shift[0]).clip(0, grid.shape[0] - 1)
        beside = (columns // _GRID * _GRID + _GRID * shift[1]).clip(0, grid.shape[1] - 1)
        yield grid[at, beside]


class _Patches:
    """Patches of a filled image, and which of them are known.

    Args:
        filled: uint8 (H,W,3).
        sources: bool (H,W), centres of known patches.
    """

    def __init__(self, filled: Pixels, sources: Hole) -> None:
        side = 2 * PATCH_RADIUS + 1
        edge = ((PATCH_RADIUS, PATCH_RADIUS), (PATCH_RADIUS, PATCH_RADIUS), (0, 0))
        padded = np.pad(filled.astype(np.float32), edge, mode="edge")
        self._views = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(0, 1))
        self._sources = sources

    def nearest(self, rows: Whole, columns: Whole) -> Whole:
        """(N,2) moves to a most similar known patch: the one among one in four, then among its neighbours."""
        from_rows, from_columns = np.nonzero(_one_in_four(self._sources))
        known = self._every_second(from_rows, from_columns)
        halves = np.einsum("ij,ij->i", known, known) / 2
        wanted = self._every_second(rows, columns)
        at_once = max(1, _PAIRS_AT_ONCE // len(known))
        nearest = np.concatenate(
            [
                (halves - wanted[start : start + at_once] @ known.T).argmin(axis=1)
                for start in range(0, len(wanted), at_once)
            ]
            or [np.zeros(0, np.int64)]
        )
        around = np.stack([from_rows[nearest] - rows, from_columns[nearest] - columns], axis=1)
        moves, _ = self.best(rows, columns, (around + shift for shift in _NEIGHBOURS))
        return moves

    def best(self, rows: Whole, columns: Whole, tried: Iterable[Whole]) -> tuple[Whole, Floats]:
        """Of several (N,2) moves the ones to the most similar known patches, and the (N,) squared differences.

        Where none leads to a known patch, (0, 0) and infinity.
        """
        moves, least = np.zeros((len(rows), 2), np.int64), np.full(len(rows), np.inf, np.float32)
        for each in tried:
            errors = self._errors(rows, columns, each)
            better = errors < least
            moves[better], least[better] = each[better], errors[better]
        return moves, least

    def _errors(self, rows: Whole, columns: Whole, moves: Whole) -> Floats:
        # (N,), infinite where a move does not lead to a known patch
        height, width = self._sources.shape
        y, x = rows + moves[:, 0], columns + moves[:, 1]
        usable = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        usable[usable] = self._sources[y[usable], x[usable]]
        apart = self._views[rows[usable], columns[usable]] - self._views[y[usable], x[usable]]
        errors = np.full(len(rows), np.inf, np.float32)
        errors[usable] = np.einsum("ijkl,ijkl->i", apart, apart)
        return errors

    def _every_second(self, rows: Whole, columns: Whole) -> Floats:
        thinned: Floats = self._views[:, :, :, ::2, ::2][rows, columns]
        return thinned.reshape(len(rows), 3 * (PATCH_RADIUS + 1) ** 2)


def _one_in_four(sources: Hole) -> Hole:
    some = np.zeros_like(sources)
    some[::2, ::2] = sources[::2, ::2]
    return some if some.any() else sources


def _smooth(levels: Floats, inside: Hole) -> Floats:
    # Mean over a square of the pixels inside the region.
    reach = _LEVELLED_OVER // 2
    padded = np.pad(np.dstack([levels, inside]), ((reach, reach), (reach, reach), (0, 0)))
    squares = np.lib.stride_tricks.sliding_window_view(padded, (_LEVELLED_OVER, _LEVELLED_OVER), axis=(0, 1))
    sums = squares.sum(axis=(3, 4), dtype=np.float32)
    mean: Floats = np.divide(sums[..., :3], np.maximum(sums[..., 3:], 1), dtype=np.float32)
    return mean

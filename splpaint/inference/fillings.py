"""Thick holes, which networks leave smooth, filled with the image's own pixels.

PyPatchMatch fills the hole in a reduced image: every patch of the hole becomes like some patch of the known
surroundings, from coarse to fine (Barnes et al. 2009, "PatchMatch"; Wexler et al. 2007, "Space-Time Completion of
Video"). The reduction bounds the time, and structures come out better than at full size. Every patch of that
filling is then looked up among the known ones, and the pixels there are copied at full resolution, in 8 or 16 bits,
levelled to the filling and to the border: details and grain are the image's own.

The same image and hole give the same result.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.images import Hole, Pixels, resize_levels
from splpaint.inference.windows import (
    Window,
    squares_within,
    thickness_px,
    tight_window,
    wholly_missing_cells,
)
from splpaint.notices import tell

__all__ = ["Region", "fill", "thick_regions"]

_Level = TypeVar("_Level", np.uint8, np.uint16)
_Floats = NDArray[np.float32]
_Whole = NDArray[np.int64]

_THICK_PX = 40  # squares of this side, and what lies at most as far from them, are filled
_CELL_PX = 4
_GAP_CELLS = 16  # regions this far apart are filled one after the other
_LEAST_MARGIN_PX = 64

_FILLED_PX = 12_000  # of the hole, once reduced: about half a second
_SEEN_PX = 1_500_000  # of the hole and its surroundings, once reduced
_LEAST_THICKNESS_PX = 16  # once reduced
_RADIUS = 5  # of the patches that PyPatchMatch compares
_LEAST_SOURCES = 64

_PATCH_RADIUS = 3  # of the patches that are looked up
_GRID = 3  # one pixel in so many is looked up among all; those between try what their neighbours found
_PAIRS_AT_ONCE = 20_000_000
_LEVELLED_OVER = 7
_COPIED_AT_ONCE = 200_000
_ALIKE = 24  # of 255; a copy that differs by more from the border's pixels hardly shows the same thing
_LEAST_WEIGHT = 1e-6


class Region(NamedTuple):
    """A thick hole, or several near each other.

    Attributes:
        window: The region with the surroundings that it is filled from.
        hole: bool (h,w), the pixels of the window to fill.
    """

    window: Window
    hole: Hole


def thick_regions(hole: Hole) -> Iterator[Region]:
    """Find where a hole is too thick for a network.

    Args:
        hole: bool ``(H, W)``, True = missing.
    """
    cells = _thick_cells(hole)
    for part in _split(cells, Window(0, 0, *cells.shape)):
        box = Window(*(side * _CELL_PX for side in part)).widen(0, *hole.shape)
        large = cells[part.slices].repeat(_CELL_PX, axis=0).repeat(_CELL_PX, axis=1)
        thick = hole[box.slices] & large[: box.bottom - box.top, : box.right - box.left]
        tight = tight_window(thick, Window(0, 0, *thick.shape))
        assert tight is not None
        around = Window(*(at + by for at, by in zip(tight, 2 * box[:2], strict=True)))
        window = around.widen(max(thickness_px(thick), _LEAST_MARGIN_PX), *hole.shape)
        region = np.zeros((window.bottom - window.top, window.right - window.left), np.bool_)
        region[around.within(window)] = thick[tight.slices]
        yield Region(window, region)


def fill(image: NDArray[_Level], missing: Hole, region: Hole) -> None:
    """Fill a region with pixels from its surroundings.

    Args:
        image: uint8 or uint16 ``(H, W, 3)``, a window; filled in place. It stays as it is if too little is known to
            copy from.
        missing: bool ``(H, W)``, unknown pixels, from which nothing is copied.
        region: bool ``(H, W)``, the pixels to fill, part of ``missing``.
    """
    height, width = _size_to_fill(region)
    small_region = _cells_with_any(region, height, width)
    avoided = _cells_with_any(missing & ~region, height, width) & ~small_region
    known = ~(small_region | avoided)
    if _patches_within(known, _RADIUS).sum() < _LEAST_SOURCES:
        return
    small = resize_levels(image, width, height, Image.Resampling.BOX)
    filled = _fill_small(small, small_region, avoided)
    if filled is None or _is_unfilled(filled[small_region], filled[known]):
        return
    # Its enlargements between scales go beyond the colours of the image.
    filled = filled.clip(filled[known].min(axis=0), filled[known].max(axis=0))
    if small.shape == image.shape and image.dtype == np.uint8:
        image[region] = filled[region]
        return
    sources = _patches_within(known, _PATCH_RADIUS)
    _copy(image, region, missing, _look_up(filled, small, small_region, sources))


class _Origins(NamedTuple):
    """The origin of every pixel of the reduced region.

    Attributes:
        inside: bool (h,w), the region.
        moves: (h,w,2) rows and columns from there to the origin.
        levels: float32 (h,w,3), added to the pixels there.
    """

    inside: Hole
    moves: _Whole
    levels: _Floats


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


def _size_to_fill(region: Hole) -> tuple[int, int]:
    shrink = min((region.sum() / _FILLED_PX) ** 0.5, thickness_px(region) / _LEAST_THICKNESS_PX)
    shrink = max(1.0, shrink, (region.size / _SEEN_PX) ** 0.5)
    height, width = region.shape
    return max(1, round(height / shrink)), max(1, round(width / shrink))


def _cells_with_any(hole: Hole, height: int, width: int) -> Hole:
    # Pixels of the reduced image with any missing one in them.
    if not hole.any():
        return np.zeros((height, width), np.bool_)
    share = Image.fromarray(hole.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
    touched: Hole = np.asarray(share) > 0
    return touched


def _patches_within(known: Hole, radius: int) -> Hole:
    # (H,W): centres of patches that are known altogether.
    side = 2 * radius + 1
    centres = np.zeros_like(known)
    if min(known.shape) >= side:
        inner = slice(radius, -radius)
        centres[inner, inner] = squares_within(known, side)
    return centres


def _fill_small(small: NDArray[_Level], region: Hole, avoided: Hole) -> Pixels | None:
    logging.getLogger("patchmatch.patch_match").setLevel(
        logging.ERROR
    )  # what it logs at import is said below
    import patchmatch

    if not patchmatch.patchmatch_available:
        tell("thick holes stay smooth: PyPatchMatch has no build for this system")
        return None
    pixels = small if small.dtype == np.uint8 else _dither(small)
    filled: Pixels = patchmatch.inpaint(
        pixels, region, global_mask=avoided if avoided.any() else None, patch_size=_RADIUS
    )
    return filled


def _is_unfilled(filling: Pixels, known: Pixels) -> bool:
    # (N,3), (M,3): PyPatchMatch leaves black where it finds no patch at all.
    black, black_before = (float((~colours.any(axis=1)).mean()) for colours in (filling, known))
    return black > 10 * black_before + 0.001


def _dither(deep: NDArray[_Level]) -> Pixels:
    # 16 bits => 8, such that the mean over some pixels is still that of 16: no bands in gradients.
    noise = np.random.RandomState(0).random_sample(deep.shape).astype(np.float32)
    pixels: Pixels = np.floor(deep / np.float32(257) + noise).clip(0, 255).astype(np.uint8)
    return pixels


def _look_up(filled: Pixels, small: NDArray[_Level], region: Hole, sources: Hole) -> _Origins:
    """Find every patch of the filling among the known ones."""
    patches = _Patches(filled, sources)
    rows, columns = np.nonzero(region)
    on_grid = (rows % _GRID == 0) & (columns % _GRID == 0)
    grid = np.full(
        (*region.shape, 2), np.iinfo(np.int32).min, np.int64
    )  # far outside where nothing is looked up
    grid[rows[on_grid], columns[on_grid]] = patches.nearest(rows[on_grid], columns[on_grid])
    best = np.full(len(rows), np.inf, np.float32)
    moves = np.zeros((len(rows), 2), np.int64)
    for down in (0, -_GRID, _GRID):
        for right in (0, -_GRID, _GRID):
            at = (rows // _GRID * _GRID + down).clip(0, region.shape[0] - 1)
            beside = (columns // _GRID * _GRID + right).clip(0, region.shape[1] - 1)
            tried = grid[at, beside]
            errors = patches.errors(rows, columns, tried)
            better = errors < best
            best[better], moves[better] = errors[better], tried[better]
    found = np.isfinite(best)
    rows, columns, moves = rows[found], columns[found], moves[found]
    inside = np.zeros_like(region)
    inside[rows, columns] = True
    placed = np.zeros((*region.shape, 2), np.int64)
    placed[rows, columns] = moves
    scale = np.float32(np.iinfo(small.dtype).max / 255)
    levels = np.zeros(filled.shape, np.float32)
    levels[rows, columns] = filled[rows, columns] * scale - small[rows + moves[:, 0], columns + moves[:, 1]]
    return _Origins(inside, placed, _smooth(levels, inside))


class _Patches:
    """Patches of a filled image, and which of them are known.

    Args:
        filled: uint8 (H,W,3).
        sources: bool (H,W), centres of known patches.
    """

    def __init__(self, filled: Pixels, sources: Hole) -> None:
        side = 2 * _PATCH_RADIUS + 1
        edge = ((_PATCH_RADIUS, _PATCH_RADIUS), (_PATCH_RADIUS, _PATCH_RADIUS), (0, 0))
        padded = np.pad(filled.astype(np.float32), edge, mode="edge")
        self._views = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(0, 1))
        self._sources = sources

    def nearest(self, rows: _Whole, columns: _Whole) -> _Whole:
        """(N,2) moves to the most similar known patch, compared by every second of their pixels."""
        from_rows, from_columns = np.nonzero(self._sources)
        known = self._every_second(from_rows, from_columns)
        squares = np.einsum("ij,ij->i", known, known)
        wanted = self._every_second(rows, columns)
        at_once = max(1, _PAIRS_AT_ONCE // len(known))
        nearest = np.concatenate(
            [
                (squares - 2 * wanted[start : start + at_once] @ known.T).argmin(axis=1)
                for start in range(0, len(wanted), at_once)
            ]
            or [np.zeros(0, np.int64)]
        )
        return np.stack([from_rows[nearest] - rows, from_columns[nearest] - columns], axis=1)

    def errors(self, rows: _Whole, columns: _Whole, moves: _Whole) -> _Floats:
        """(N,) squared differences to the patches that moves lead to; infinite if that is not a known one."""
        height, width = self._sources.shape
        y, x = rows + moves[:, 0], columns + moves[:, 1]
        usable = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        usable[usable] = self._sources[y[usable], x[usable]]
        apart = self._views[rows[usable], columns[usable]] - self._views[y[usable], x[usable]]
        errors = np.full(len(rows), np.inf, np.float32)
        errors[usable] = np.einsum("ijkl,ijkl->i", apart, apart)
        return errors

    def _every_second(self, rows: _Whole, columns: _Whole) -> _Floats:
        thinned: _Floats = self._views[:, :, :, ::2, ::2][rows, columns]
        return thinned.reshape(len(rows), 3 * (_PATCH_RADIUS + 1) ** 2)


def _smooth(levels: _Floats, inside: Hole) -> _Floats:
    # Mean over a square of the pixels inside the region.
    reach = _LEVELLED_OVER // 2
    padded = np.pad(np.dstack([levels, inside]), ((reach, reach), (reach, reach), (0, 0)))
    squares = np.lib.stride_tricks.sliding_window_view(padded, (_LEVELLED_OVER, _LEVELLED_OVER), axis=(0, 1))
    sums = squares.sum(axis=(3, 4), dtype=np.float32)
    mean: _Floats = np.divide(sums[..., :3], np.maximum(sums[..., 3:], 1), dtype=np.float32)
    return mean


def _copy(image: NDArray[_Level], region: Hole, missing: Hole, origins: _Origins) -> None:
    """Copy at full resolution, levelled so that the copy meets its surroundings."""
    rows, columns = np.nonzero(region)
    colours, found = _blend(image, rows, columns, missing, origins)
    colours += _offsets(image, region, missing, origins)[rows, columns]
    levels = np.rint(colours[found]).clip(0, np.iinfo(image.dtype).max)
    image[rows[found], columns[found]] = levels.astype(image.dtype)


def _offsets(image: NDArray[_Level], region: Hole, missing: Hole, origins: _Origins) -> _Floats:
    """The difference of the border's known pixels from their copy, spread over the region.

    Pérez et al. 2003, "Poisson Image Editing", except that large differences, where the copy shows another thing than
    the image, count little: evened out, they would show as halos.

    Returns:
        (H,W,3), in levels of the image.
    """
    around = np.pad(region, 1)
    border = around[:-2, 1:-1] | around[2:, 1:-1] | around[1:-1, :-2] | around[1:-1, 2:]
    rows, columns = np.nonzero(border & ~missing)
    colours, found = _blend(image, rows, columns, missing, origins)
    rows, columns, colours = rows[found], columns[found], colours[found]
    lacking = image[rows, columns] - colours
    alike = np.float32(_ALIKE / 255 * np.iinfo(image.dtype).max)
    weights = 1 / (1 + (np.abs(lacking).max(axis=1, keepdims=True) / alike) ** 2)
    weighted = np.zeros((*region.shape, 4), np.float32)
    weighted[rows, columns] = np.concatenate([lacking * weights, weights], axis=1)
    return _spread(weighted)


def _spread(weighted: _Floats) -> _Floats:
    """Values that are known here and there => values everywhere, smooth ones (pull-push, Gortler et al. 1996).

    Args:
        weighted: (H,W,C+1), values times weights, and the weights, 0 to 1.

    Returns:
        (H,W,C).
    """
    height, width = weighted.shape[:2]
    values, weights = weighted[..., :-1], weighted[..., -1:]
    if height == width == 1:
        mean: _Floats = np.divide(values, np.maximum(weights, _LEAST_WEIGHT), dtype=np.float32)
        return mean
    even = np.pad(weighted, ((0, height % 2), (0, width % 2), (0, 0)))
    sums = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, -1).sum(axis=(1, 3))
    coarse = _spread(sums / np.maximum(sums[..., -1:], 1))
    smooth: _Floats = values + _twice(_twice(coarse, 0), 1)[:height, :width] * (1 - weights)
    return smooth


def _twice(values: _Floats, axis: int) -> _Floats:
    # Linear interpolation to twice as many along an axis.
    last = values.shape[axis] - 1
    before, after = (values.take(np.arange(last + 1) + step, axis, mode="clip") for step in (-1, 1))
    both = np.stack([0.75 * values + 0.25 * before, 0.75 * values + 0.25 * after], axis + 1)
    shape = list(values.shape)
    shape[axis] *= 2
    twice: _Floats = both.reshape(shape)
    return twice


def _blend(
    image: NDArray[_Level], rows: _Whole, columns: _Whole, missing: Hole, origins: _Origins
) -> tuple[_Floats, Hole]:
    """The colours of pixels' origins, blended from the origins of the four reduced pixels around each.

    Returns:
        (N,3) in levels of the image, and bool (N,): whether any of these origins is known.
    """
    total = np.zeros((len(rows), 4), np.float32)
    for start in range(0, len(rows), _COPIED_AT_ONCE):
        part = slice(start, start + _COPIED_AT_ONCE)
        _add_copies(total[part], image, rows[part], columns[part], missing, origins)
    weights = total[:, 3:]
    colours: _Floats = np.divide(total[:, :3], np.maximum(weights, _LEAST_WEIGHT), dtype=np.float32)
    return colours, weights[:, 0] > 0


def _add_copies(
    total: _Floats,
    image: NDArray[_Level],
    rows: _Whole,
    columns: _Whole,
    missing: Hole,
    origins: _Origins,
) -> None:
    # (N,4): colours times weights, and weights.
    height, width = missing.shape
    down, across = origins.inside.shape
    factors = np.array([height / down, width / across])
    y, x = (rows + 0.5) / factors[0] - 0.5, (columns + 0.5) / factors[1] - 0.5
    for i in (np.floor(y), np.floor(y) + 1):
        for j in (np.floor(x), np.floor(x) + 1):
            near = i.clip(0, down - 1).astype(np.int64), j.clip(0, across - 1).astype(np.int64)
            share = (1 - np.abs(y - i)) * (1 - np.abs(x - j)) + _LEAST_WEIGHT
            moves = np.rint(origins.moves[near] * factors).astype(np.int64)
            from_rows, from_columns = rows + moves[:, 0], columns + moves[:, 1]
            usable = (from_rows >= 0) & (from_rows < height) & (from_columns >= 0) & (from_columns < width)
            usable &= origins.inside[near]
            usable[usable] = ~missing[from_rows[usable], from_columns[usable]]
            here = tuple(axis[usable] for axis in near)
            colours = image[from_rows[usable], from_columns[usable]] + origins.levels[here]
            each = share[usable, None].astype(np.float32)
            total[usable] += np.concatenate([each * colours, each], axis=1)

"""What stands at full resolution where the reduced filling comes from, copied and levelled to what is around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole, dilate
from splpaint.inference.fillings.origins import Floats, Level, Origins, Whole
from splpaint.inference.fillings.smoothing import alike

__all__ = ["copy_origins", "spread"]

_COPIED_AT_ONCE = 200_000
_ALIKE = 24  # of 255; a copy that differs by more from the border's pixels hardly shows the same thing
_LEAST_WEIGHT = 1e-6


def copy_origins(image: NDArray[Level], region: Hole, missing: Hole, origins: Origins) -> None:
    """Copy at full resolution, levelled so that the copy meets its surroundings."""
    rows, columns = np.nonzero(region)
    colours, found = _blend(image, rows, columns, missing, origins)
    colours += _offsets(image, region, missing, origins)[rows, columns]
    levels = np.rint(colours[found]).clip(0, np.iinfo(image.dtype).max)
    image[rows[found], columns[found]] = levels.astype(image.dtype)


def _offsets(image: NDArray[Level], region: Hole, missing: Hole, origins: Origins) -> Floats:
    """The difference of the border's known pixels from their copy, spread over the region.

    Pérez et al. 2003, "Poisson Image Editing", except that large differences, where the copy shows another thing than
    the image, count little.

    Returns:
        (H,W,3), in levels of the image.
    """
    rows, columns = np.nonzero(dilate(region, 1) & ~missing)
    colours, found = _blend(image, rows, columns, missing, origins)
    rows, columns, colours = rows[found], columns[found], colours[found]
    lacking = image[rows, columns] - colours
    weights = alike(lacking, np.float32(_ALIKE / 255 * np.iinfo(image.dtype).max))
    weighted = np.zeros((*region.shape, 4), np.float32)
    weighted[rows, columns] = np.concatenate([lacking * weights, weights], axis=1)
    return spread(weighted)


def spread(weighted: Floats) -> Floats:
    """Values that are known here and there => values everywhere, smooth ones (pull-push, Gortler et al. 1996).

    Args:
        weighted: (H,W,C+1), values times weights, and the weights, 0 to 1.

    Returns:
        (H,W,C).
    """
    height, width = weighted.shape[:2]
    values, weights = weighted[..., :-1], weighted[..., -1:]
    if height == width == 1:
        mean: Floats = np.divide(values, np.maximum(weights, _LEAST_WEIGHT), dtype=np.float32)
        return mean
    even = np.pad(weighted, ((0, height % 2), (0, width % 2), (0, 0)))
    sums = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, -1).sum(axis=(1, 3))
    coarse = spread(sums / np.maximum(sums[..., -1:], 1))
    smooth: Floats = values + _twice(_twice(coarse, 0), 1)[:height, :width] * (1 - weights)
    return smooth


def _twice(values: Floats, axis: int) -> Floats:
    # Linear interpolation to twice as many along an axis.
    last = values.shape[axis] - 1
    before, after = (values.take(np.arange(last + 1) + step, axis, mode="clip") for step in (-1, 1))
    both = np.stack([0.75 * values + 0.25 * before, 0.75 * values + 0.25 * after], axis + 1)
    shape = list(values.shape)
    shape[axis] *= 2
    twice: Floats = both.reshape(shape)
    return twice


def _blend(
    image: NDArray[Level], rows: Whole, columns: Whole, missing: Hole, origins: Origins
) -> tuple[Floats, Hole]:
    """The colours of pixels' origins, blended from the origins of the four reduced pixels around each.

    Returns:
        (N,3) in levels of the image, and bool (N,): whether any of these origins is known.
    """
    total = np.zeros((len(rows), 4), np.float32)
    for start in range(0, len(rows), _COPIED_AT_ONCE):
        part = slice(start, start + _COPIED_AT_ONCE)
        _add_copies(total[part], image, rows[part], columns[part], missing, origins)
    weights = total[:, 3:]
    colours: Floats = np.divide(total[:, :3], np.maximum(weights, _LEAST_WEIGHT), dtype=np.float32)
    return colours, weights[:, 0] > 0


def _add_copies(
    total: Floats,
    image: NDArray[Level],
    rows: Whole,
    columns: Whole,
    missing: Hole,
    origins: Origins,
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

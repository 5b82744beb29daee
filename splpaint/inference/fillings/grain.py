"""The grain of the surroundings for what a network has painted smooth.

Networks paint the mean of what could be there: without film grain, sensor noise and the finest texture, whose lack
shows as a smear in every scratch. What is lacking is measured cell by cell, as noise levels in the painting and in
what is known nearby and looks alike: the sky has none of the leaves before it. It is taken from the image: differences
of known pixels from their neighbours, in blocks without edges, mirrored and placed at random. The same image and hole
give the same grain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole
from splpaint.inference.fillings.origins import Floats, Level
from splpaint.inference.windows import Window, squares_within
from splpaint.random_streams import random_stream

__all__ = ["add_grain"]

_TILE_PX = 96
_AROUND_PX = 16
_BLOCK_PX = 8
_LEAST_BLOCKS = 8
_LEAST_PAINTED, _LEAST_KNOWN = 4, 16  # pixels of a cell from which a noise level can be told
_NEAR_PX = 12  # surroundings twice as far count for two fifths
_ALIKE = 16  # of 255 levels; surroundings that differ by more hardly count
_CALM_SHARE = 0.25  # of the surroundings: what is noisier may be texture
_LEAST_GRAIN = 0.6  # of 255 levels: rounding alone makes as much
_LEAST_STRENGTH = (
    0.3  # of 255 levels: calmer blocks are rounding, single pixels of which would become speckles
)
_SMALL = 1e-3
_STRENGTH = 0.8  # as sharp to the eye as all that is lacking, and a third less far from the truth
_SIGMA = math.sqrt(math.pi / 2) / 6  # mean absolute value of the stencil => standard deviation of white noise


def add_grain(image: NDArray[Level], painted: Hole, missing: Hole) -> None:
    """Add to what a network has painted the grain that it lacks beside its surroundings.

    Args:
        image: uint8 or uint16 ``(H, W, 3)``, changed in place.
        painted: bool ``(H, W)``, what the network has painted; part of ``missing``.
        missing: bool ``(H, W)``, what was not known or is to be avoided: no grain is taken from there.
    """
    unit = np.float32(np.iinfo(image.dtype).max / 255)
    for tile in _tiles(painted):
        seen = tile.widen(_AROUND_PX, *painted.shape)
        colours = image[seen.slices].astype(np.float32) / unit
        inside, known = painted[tile.slices], ~missing[seen.slices]
        lacking = _lacking(colours, painted[seen.slices], known)[tile.within(seen)]
        if lacking.max() < _LEAST_GRAIN or len(blocks := _blocks(colours, known)) < _LEAST_BLOCKS:
            continue
        grain = _patchwork(blocks, tile) * lacking * (unit * _STRENGTH)
        part = image[tile.slices]
        levels = np.rint(part[inside] + grain[inside])
        part[inside] = levels.clip(0, np.iinfo(image.dtype).max).astype(image.dtype)


def _tiles(painted: Hole) -> Iterator[Window]:
    height, width = painted.shape
    for top in range(0, height, _TILE_PX):
        if not painted[top : top + _TILE_PX].any():
            continue
        for left in range(0, width, _TILE_PX):
            tile = Window(top, left, min(top + _TILE_PX, height), min(left + _TILE_PX, width))
            if painted[tile.slices].any():
                yield tile


class _Cells(NamedTuple):
    """Squares of ``_BLOCK_PX`` of which enough is marked to tell the noise.

    Attributes:
        places: (N,2), row and column.
        colours: (N,3), means of what is marked, in 255 levels.
        levels: (N,3), standard deviations of its noise.
    """

    places: Floats
    colours: Floats
    levels: Floats


def _lacking(colours: Floats, painted: Hole, known: Hole) -> Floats:
    """The standard deviation of the noise to add, (h,w,3) in 255 levels; none where it cannot be told."""
    lacking = np.zeros((*(-(-length // _BLOCK_PX) for length in painted.shape), 3), np.float32)
    inside, around = _cells(colours, painted, _LEAST_PAINTED), _cells(colours, known, _LEAST_KNOWN)
    if len(inside.places) and len(around.places):
        wanted = _calm_level(around, inside)
        rows, columns = inside.places.astype(np.int64).T
        lacking[rows, columns] = np.sqrt(np.maximum(wanted**2 - inside.levels**2, 0))
    whole = lacking.repeat(_BLOCK_PX, axis=0).repeat(_BLOCK_PX, axis=1)
    return whole[: painted.shape[0], : painted.shape[1]]


def _cells(colours: Floats, marked: Hole, least: int) -> _Cells:
    within = np.pad(squares_within(marked, 3), 1) if min(marked.shape) >= 3 else np.zeros_like(marked)
    noise = np.pad(np.abs(_stencil(colours)), ((1, 1), (1, 1), (0, 0)))[: len(marked), : marked.shape[1]]
    sums = _sums(np.concatenate([noise, colours, np.ones_like(colours)], axis=2) * within[..., None])
    places = np.argwhere(sums[..., -1] >= least)
    noise, colours, counts = np.split(sums[tuple(places.T)], 3, axis=1)
    return _Cells(places.astype(np.float32), colours / counts, noise / counts * np.float32(_SIGMA))


def _sums(values: Floats) -> Floats:
    # (h,w,C) => the sum of every cell, (rows,columns,C)
    height, width, channels = values.shape
    even = np.pad(values, ((0, -height % _BLOCK_PX), (0, -width % _BLOCK_PX), (0, 0)))
    cells = even.reshape(-(-height // _BLOCK_PX), _BLOCK_PX, -(-width // _BLOCK_PX), _BLOCK_PX, channels)
    sums: Floats = cells.sum(axis=(1, 3))
    return sums


def _calm_level(around: _Cells, cells: _Cells) -> Floats:
    """Of the levels around, for each cell that below which ``_CALM_SHARE`` of what is near and alike lies: (N,3)."""
    far = ((cells.places[:, None] - around.places) ** 2).sum(axis=2) * (_BLOCK_PX / _NEAR_PX) ** 2
    unlike = np.abs(cells.colours[:, None] - around.colours).max(axis=2) / _ALIKE
    weights = 1 / ((1 + far) * (1 + unlike**4))
    levels = np.empty_like(cells.levels)
    for channel in range(3):
        order = np.argsort(around.levels[:, channel], kind="stable")
        up_to = np.cumsum(weights[:, order], axis=1)
        reached = (up_to < _CALM_SHARE * up_to[:, -1:]).sum(axis=1)
        levels[:, channel] = around.levels[order[reached], channel]
    return levels


def _stencil(colours: Floats) -> Floats:
    # (h,w,3) => (h-2,w-2,3): second differences along both axes (Immerkaer 1996), blind to slopes and straight edges
    down = colours[:-2] - 2 * colours[1:-1] + colours[2:]
    both: Floats = down[:, :-2] - 2 * down[:, 1:-1] + down[:, 2:]
    return both


def _blocks(colours: Floats, known: Hole) -> Floats:
    """Known blocks of differences from the neighbours, the calmer half of them, made equally strong: (N,8,8,3)."""
    fine = colours - _smooth(colours)
    with_neighbours = np.pad(squares_within(known, 3), 1)
    every, whole = _cut(fine), _cut(with_neighbours[..., None]).all(axis=(1, 2, 3))
    found = every[whole]
    energy = (found**2).mean(axis=(1, 2, 3))
    calm = found[np.argsort(energy, kind="stable")[: len(found) // 2]]
    calm = calm - calm.mean(axis=(1, 2), keepdims=True)
    strength = np.sqrt((calm**2).mean(axis=(1, 2, 3)))
    grained = strength > _LEAST_STRENGTH
    equal: Floats = calm[grained] / strength[grained, None, None, None]
    return equal


def _cut(values: NDArray[Any]) -> NDArray[Any]:
    down, across = (length // _BLOCK_PX for length in values.shape[:2])
    cut = values[: down * _BLOCK_PX, : across * _BLOCK_PX]
    cut = cut.reshape(down, _BLOCK_PX, across, _BLOCK_PX, -1).swapaxes(1, 2)
    return cut.reshape(down * across, _BLOCK_PX, _BLOCK_PX, -1)


def _smooth(colours: Floats) -> Floats:
    even = np.pad(colours, ((1, 1), (1, 1), (0, 0)), mode="edge")
    down = even[:-2] + 2 * even[1:-1] + even[2:]
    both: Floats = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 16
    return both


def _patchwork(blocks: Floats, tile: Window) -> Floats:
    """Blocks drawn at random, mirrored at random, side by side: (h,w,3) of the tile, with noise of the level 1."""
    height, width = tile.bottom - tile.top, tile.right - tile.left
    down, across = -(-height // _BLOCK_PX), -(-width // _BLOCK_PX)
    drawn = random_stream(tile.top, tile.left).random_sample((3, down * across))
    chosen = blocks[(drawn[0] * len(blocks)).astype(np.int64)]
    chosen = np.where(drawn[1, :, None, None, None] < 0.5, chosen, chosen[:, ::-1])
    chosen = np.where(drawn[2, :, None, None, None] < 0.5, chosen, chosen[:, :, ::-1])
    rows = chosen.reshape(down, across, _BLOCK_PX, _BLOCK_PX, 3).swapaxes(1, 2)
    field: Floats = rows.reshape(down * _BLOCK_PX, across * _BLOCK_PX, 3)
    level = np.abs(_stencil(field)).mean(axis=(0, 1)) * np.float32(_SIGMA)
    field /= np.maximum(level, _SMALL)
    return field[:height, :width]

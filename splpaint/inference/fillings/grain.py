"""The grain of the surroundings for what a network has painted smooth.

Networks paint the mean of what could be there: without film grain, sensor noise and the finest texture, whose lack
shows as a smear in every scratch. What is lacking is measured tile by tile, as noise levels in the painting and around
it, and taken from the image: differences of known pixels from their neighbours, in blocks without edges, mirrored and
placed at random. The same image and hole give the same grain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
_LEAST_PAINTED, _LEAST_KNOWN = 9, 200  # pixels from which a noise level can be told
_LEAST_GRAIN = 0.6  # of 255 levels: rounding alone makes as much
_MOST_ENLARGED = 3.0
_SMALL = 1e-3
_STRENGTH = 0.8  # as sharp to the eye as all that is lacking, and a third less far from the truth
_SIGMA = 1.4826 / 6  # median absolute value of the stencil => standard deviation of white noise


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
        lacking = _lacking(colours, tile.within(seen), inside, known)
        if lacking.max() < _LEAST_GRAIN or len(blocks := _blocks(colours, known)) < _LEAST_BLOCKS:
            continue
        grain = _patchwork(blocks, tile)
        there = _level(_stencil(grain).reshape(-1, 3))
        grain *= unit * _STRENGTH * np.minimum(lacking / np.maximum(there, _SMALL), _MOST_ENLARGED)
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


def _lacking(colours: Floats, tile: tuple[slice, slice], painted: Hole, known: Hole) -> Floats:
    """The standard deviation of the noise to add, (3,) in 255 levels; none where it cannot be told."""
    nothing = np.zeros(3, np.float32)
    if min(painted.shape) < 3:
        return nothing
    within, around = squares_within(painted, 3), squares_within(known, 3)
    if within.sum() < _LEAST_PAINTED or around.sum() < _LEAST_KNOWN:
        return nothing
    there, here = _level(_stencil(colours)[around]), _level(_stencil(colours[tile])[within])
    lacking: Floats = np.sqrt(np.maximum(there**2 - here**2, 0))
    return lacking


def _stencil(colours: Floats) -> Floats:
    # (h,w,3) => (h-2,w-2,3): second differences along both axes (Immerkaer 1996), blind to slopes and straight edges
    down = colours[:-2] - 2 * colours[1:-1] + colours[2:]
    both: Floats = down[:, :-2] - 2 * down[:, 1:-1] + down[:, 2:]
    return both


def _level(stencil: Floats) -> Floats:
    # (N,3) => (3,)
    level: Floats = np.median(np.abs(stencil), axis=0) * np.float32(_SIGMA)
    return level


def _blocks(colours: Floats, known: Hole) -> Floats:
    """Known blocks of differences from the neighbours, those with the least half of the energy: (N,8,8,3)."""
    fine = colours - _smooth(colours)
    with_neighbours = np.pad(squares_within(known, 3), 1)
    every, whole = _cut(fine), _cut(with_neighbours[..., None]).all(axis=(1, 2, 3))
    found = every[whole]
    energy = (found**2).mean(axis=(1, 2, 3))
    calm = found[np.argsort(energy, kind="stable")[: len(found) // 2]]
    without_mean: Floats = calm - calm.mean(axis=(1, 2), keepdims=True)
    return without_mean


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
    """Blocks drawn at random, mirrored at random, side by side: (h,w,3) of the tile."""
    height, width = tile.bottom - tile.top, tile.right - tile.left
    down, across = -(-height // _BLOCK_PX), -(-width // _BLOCK_PX)
    drawn = random_stream(tile.top, tile.left).random_sample((3, down * across))
    chosen = blocks[(drawn[0] * len(blocks)).astype(np.int64)]
    chosen = np.where(drawn[1, :, None, None, None] < 0.5, chosen, chosen[:, ::-1])
    chosen = np.where(drawn[2, :, None, None, None] < 0.5, chosen, chosen[:, :, ::-1])
    rows = chosen.reshape(down, across, _BLOCK_PX, _BLOCK_PX, 3).swapaxes(1, 2)
    field: Floats = rows.reshape(down * _BLOCK_PX, across * _BLOCK_PX, 3)[:height, :width]
    return field

"""The finest detail of what a network has painted smooth, from the places that look alike.

Networks paint the mean of what could be there: the coarse colours of an image, and too little of its texture and
grain, whose lack shows as a smear in every scratch. What differs from its own smoothing is therefore replaced, block
by block, by what does so in that known block nearby whose smoothed colours are the most similar (as in example-based
super-resolution, Freeman et al. 2002). Overlapping blocks are blended. The same image and hole give the same detail.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole
from splpaint.inference.fillings.origins import Floats, Level, Whole
from splpaint.inference.fillings.smoothing import smooth
from splpaint.inference.windows import squares_within, tiles_with_any

__all__ = ["add_detail"]

_TILE_PX = 96
_AROUND_PX = 32  # how far blocks are looked for
_BLOCK_PX = 8
_STEP_PX = 4  # from block to block of what is painted
_SHIFTS = _BLOCK_PX // _STEP_PX
_SOURCE_STEP_PX = 3
_SMOOTHINGS = 2
_LEAST_SOURCES = 32
_LEAST_WEIGHT = 1e-6
_STRENGTH = 1.2  # blending blocks that differ has evened out their detail


def add_detail(image: NDArray[Level], painted: Hole, missing: Hole) -> None:
    """Give what a network has painted the detail of its surroundings.

    Args:
        image: uint8 or uint16 ``(H, W, 3)``, changed in place.
        painted: bool ``(H, W)``, what the network has painted; part of ``missing``.
        missing: bool ``(H, W)``, what was not known or is to be avoided: no detail is taken from there.
    """
    unit = np.float32(np.iinfo(image.dtype).max / 255)
    detailed = []
    for tile in tiles_with_any(painted, _TILE_PX):
        seen = tile.widen(_AROUND_PX, *painted.shape)
        usable = _usable(~missing[seen.slices])
        if usable[::_SOURCE_STEP_PX, ::_SOURCE_STEP_PX].sum() < _LEAST_SOURCES:
            continue
        colours = image[seen.slices].astype(np.float32) / unit
        coarse = smooth(colours, _SMOOTHINGS)
        detail = _alike(coarse, colours - coarse, painted[seen.slices], usable)
        levels = np.rint((coarse + _STRENGTH * detail)[tile.within(seen)][painted[tile.slices]] * unit)
        detailed.append((tile, levels.clip(0, np.iinfo(image.dtype).max).astype(image.dtype)))
    for tile, levels in detailed:
        image[tile.slices][painted[tile.slices]] = levels


def _usable(known: Hole) -> Hole:
    # (h,w): upper left corners of known blocks whose smoothing is known, too
    corners, side = np.zeros_like(known), _BLOCK_PX + 2 * _SMOOTHINGS
    if min(known.shape) >= side:
        within = squares_within(known, side)
        corners[_SMOOTHINGS:, _SMOOTHINGS:][: within.shape[0], : within.shape[1]] = within
    return corners


def _alike(coarse: Floats, detail: Floats, painted: Hole, usable: Hole) -> Floats:
    """(h,w,3) detail, in painted blocks that of the usable ones whose coarse colours are the most similar."""
    blended = np.zeros((*painted.shape, 4), np.float32)
    coarse_blocks, fine_blocks = (
        np.lib.stride_tricks.sliding_window_view(values, (_BLOCK_PX, _BLOCK_PX), axis=(0, 1))
        for values in (
            np.rint(coarse),
            detail,
        )  # whole numbers: sums of their products are exact in any order
    )
    shifts = [np.multiply(shift, _STEP_PX) for shift in np.ndindex(_SHIFTS, _SHIFTS)]
    cells = [_cells_with_any(painted[down:, right:]) for down, right in shifts]
    corners = np.concatenate([each * _BLOCK_PX + shift for each, shift in zip(cells, shifts, strict=True)])
    rows, columns = _nearest(coarse_blocks, corners, usable).T
    found = fine_blocks[rows, columns].transpose(0, 2, 3, 1)
    ends = np.cumsum([len(each) for each in cells])
    for (down, right), each, blocks in zip(shifts, cells, np.split(found, ends[:-1]), strict=True):
        _add_cells(blended[down:, right:], each, blocks)
    weights = blended[..., 3:]
    alike: Floats = np.where(weights > 0, blended[..., :3] / np.maximum(weights, _LEAST_WEIGHT), detail)
    return alike


def _nearest(blocks: Floats, corners: Whole, usable: Hole) -> Whole:
    """(N,2): of the usable blocks those most similar to the ones at these corners, by their corners.

    One in nine is looked at, and then the neighbours of what was found.
    """
    sources = np.argwhere(usable[::_SOURCE_STEP_PX, ::_SOURCE_STEP_PX]) * _SOURCE_STEP_PX
    wanted, there = (_every_second(blocks, each) for each in (corners, sources))
    around = sources[(np.einsum("ij,ij->i", there, there) / 2 - wanted @ there.T).argmin(axis=1)]
    nearest: Whole = around.copy()
    least = np.full(len(around), np.inf, np.float32)
    for shift in np.ndindex(3, 3):
        tried = (around + shift - 1).clip(0, np.subtract(blocks.shape[:2], 1))
        errors = ((_every_second(blocks, tried) - wanted) ** 2).sum(axis=1)
        better = (errors < least) & usable[tried[:, 0], tried[:, 1]]
        nearest[better], least[better] = tried[better], errors[better]
    return nearest


def _every_second(blocks: Floats, corners: Whole) -> Floats:
    # (N,2) => (N,K): of the blocks at these corners every second pixel in both directions
    thinned: Floats = blocks[:, :, :, ::2, ::2][corners[:, 0], corners[:, 1]]
    return thinned.reshape(len(corners), -1)


def _cells_with_any(painted: Hole) -> Whole:
    # (N,2): which squares of the block's side hold anything painted, by row and column of squares
    down, across = (length // _BLOCK_PX for length in painted.shape)
    cells = painted[: down * _BLOCK_PX, : across * _BLOCK_PX].reshape(down, _BLOCK_PX, across, _BLOCK_PX)
    return np.argwhere(cells.any(axis=(1, 3)))


def _add_cells(blended: Floats, cells: Whole, found: Floats) -> None:
    # Colours times weights, and weights, which fall off from the middle of a block.
    down, across = (length // _BLOCK_PX for length in blended.shape[:2])
    slope = np.hanning(_BLOCK_PX + 2)[1:-1].astype(np.float32)
    weights = np.outer(slope, slope)[..., None]
    placed = np.zeros((down, across, _BLOCK_PX, _BLOCK_PX, 4), np.float32)
    placed[cells[:, 0], cells[:, 1], :, :, :3] = found * weights
    placed[cells[:, 0], cells[:, 1], :, :, 3:] = weights
    whole = placed.swapaxes(1, 2).reshape(down * _BLOCK_PX, across * _BLOCK_PX, 4)
    blended[: down * _BLOCK_PX, : across * _BLOCK_PX] += whole

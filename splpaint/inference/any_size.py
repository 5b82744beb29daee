"""How a picture of any size reaches a network of one working size, and back.

The holes are parted into groups; each gets a *crop*, a window of the picture with known surroundings. A crop
larger than the working size is reduced to it by area, painted, and enlarged again; one that is smaller (only
where the picture is) is seen as it is, its sides brought to multiples that the network can take by mirroring at
the bottom and the right, hole and all, so that nothing made up counts as known. So the time is about the number
of crops times a constant.

How large a crop is depends on how *thick* the holes in it are (the side of the largest square inside), not on
how far they spread: a long scratch is painted piece by piece in full resolution, a solid hole in one piece.
Crops are painted one after another; what one has painted is known to the next, so that pieces meet. Where a hole
is too thick for the network, its painting says what belongs where and ``texture.py`` adds the detail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.errors import InputError
from splpaint.images import WRONG_WAY_ROUND, Hole, composite, to_pixels, to_planes
from splpaint.inference.engines import Engine
from splpaint.inference.texture import continue_texture

__all__ = ["Box", "Crop", "paint_any_size", "plan_crops"]

_Level = TypeVar("_Level", np.uint8, np.uint16)
_SOLID = 0.4  # holes thicker than this share of their group's extent stay in one piece
_MOST_PIECES_A_SIDE = 64
_SMOOTH_FROM_PX = 40  # thicker holes come out of the network without texture
_LEAST_PX = 16  # reflections inside the networks need some pixels


class Box(NamedTuple):
    """A rectangle of pixels, ``bottom`` and ``right`` outside it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def window(self) -> tuple[slice, slice]:
        """What to index an array ``(H, W, ...)`` with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def within(self, outer: Box) -> tuple[slice, slice]:
        """What to index the window of ``outer`` with."""
        rows = slice(self.top - outer.top, self.bottom - outer.top)
        return rows, slice(self.left - outer.left, self.right - outer.left)

    @property
    def extent_px(self) -> int:
        """The longer side."""
        return max(self.bottom - self.top, self.right - self.left)


class Crop(NamedTuple):
    """One run of the network: it sees ``seen`` and paints the hole pixels in ``part``, which lies inside."""

    part: Box
    seen: Box


def paint_any_size(
    engine: Engine,
    image: NDArray[_Level],
    hole: Hole,
    *,
    working_size_px: int,
    size_multiple: int,
    texture: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[_Level]:
    """Paint the hole of a picture of any size.

    Args:
        engine: Runs the network.
        image: uint8 or uint16 ``(H, W, 3)`` RGB, in any memory layout; not changed. What lies inside the hole has
            no influence.
        hole: bool ``(H, W)``, True = missing; at least one pixel is known.
        working_size_px: The most height and width that the network gets.
        size_multiple: Both are multiples of this.
        texture: Fill holes that are too thick for the network with texture of the picture's own.
        progress: Called after each crop with the number of crops painted and of all crops.

    Returns:
        A new array like ``image``, outside the hole the pixels of ``image``.

    Raises:
        InputError: No pixel is known.
    """
    canvas, missing = np.array(image, order="C"), hole.copy()
    crops = plan_crops(hole, working_size_px=working_size_px)
    for number, (part, seen) in enumerate(crops, start=1):
        painted = _paint_crop(
            engine, canvas[seen.window], missing[seen.window], working_size_px, size_multiple
        )
        thickness_px = _thickness_px(missing[part.window]) if texture else 0
        if thickness_px > _SMOOTH_FROM_PX:
            painted = continue_texture(
                canvas[seen.window], missing[seen.window], painted, thickness_px=thickness_px
            )
        inside = painted[part.within(seen)]
        canvas[part.window] = composite(inside, canvas[part.window], missing[part.window])
        missing[part.window] = False
        if progress:
            progress(number, len(crops))
    return canvas


def plan_crops(hole: Hole, *, working_size_px: int) -> list[Crop]:
    """Part the holes into groups and give each its surroundings.

    Returns:
        Crops whose parts do not overlap and together hold every hole pixel; none for an empty hole.

    Raises:
        InputError: No pixel is known.
    """
    if hole.all():
        raise InputError(
            "the mask must leave some of the picture, got one that marks every pixel as missing; "
            f"{WRONG_WAY_ROUND}"
        )
    height, width = hole.shape
    finest_px = max(working_size_px, max(height, width) // _MOST_PIECES_A_SIDE)
    crops = []
    for part, side_px in _parts(hole, Box(0, 0, height, width), finest_px):
        seen = _around(part, side_px, height, width)
        while hole[seen.window].all():  # nothing to go by: look farther
            side_px *= 2
            seen = _around(part, side_px, height, width)
        crops.append(Crop(part, seen))
    return crops


def _parts(hole: Hole, box: Box, finest_px: int) -> Iterator[tuple[Box, int]]:
    tight = _tight(hole, box)
    if tight is None:
        return
    thickness_px = _thickness_px(hole[tight.window])
    side_px = _side_px(tight.extent_px, thickness_px, finest_px)
    if side_px > finest_px and thickness_px < _SOLID * tight.extent_px:
        for half in _halves(hole, tight):
            yield from _parts(hole, half, finest_px)
    else:
        yield tight, side_px


def _tight(hole: Hole, box: Box) -> Box | None:
    rows = np.flatnonzero(hole[box.window].any(axis=1))
    if rows.size == 0:
        return None
    columns = np.flatnonzero(hole[box.window].any(axis=0))
    return Box(
        box.top + int(rows[0]),
        box.left + int(columns[0]),
        box.top + int(rows[-1]) + 1,
        box.left + int(columns[-1]) + 1,
    )


def _side_px(extent_px: int, thickness_px: int, finest_px: int) -> int:
    # A solid hole sees twice its extent. A little less will do if that saves the reduction.
    if extent_px + max(finest_px // 8, thickness_px // 2) <= finest_px:
        return finest_px
    return extent_px + max(finest_px // 4, thickness_px)


def _thickness_px(hole: Hole) -> int:
    # Largest square of missing pixels, by a summed-area table over at most 256x256 cells.
    cell = -(-max(hole.shape) // 256)
    full = _in_cells(_in_cells(hole, cell).T, cell)
    sums = np.pad(full, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    low, high = 0, min(full.shape)
    while low < high:
        side = (low + high + 1) // 2
        squares = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
        low, high = (side, high) if squares.max() == side * side else (low, side - 1)
    return min(low * cell + cell - 1, *hole.shape) if cell > 1 else low


def _in_cells(hole: Hole, cell: int) -> Hole:
    # (H,W) => (ceil(H/cell),W): which cells are missing altogether
    starts = np.arange(0, hole.shape[0], cell)
    full: Hole = np.logical_and.reduceat(hole, starts, axis=0) if cell > 1 else hole
    return full


def _halves(hole: Hole, box: Box) -> tuple[Box, Box]:
    # Cut across the longer side where the fewest pixels are missing, in its middle half.
    tall = box.bottom - box.top >= box.right - box.left
    counts = hole[box.window].sum(axis=1 if tall else 0)
    lines = np.arange(box.extent_px // 4, box.extent_px - box.extent_px // 4)
    cost = counts[lines] * box.extent_px + np.abs(lines - box.extent_px // 2)
    line = int(lines[cost.argmin()])
    if tall:
        return box._replace(bottom=box.top + line), box._replace(top=box.top + line)
    return box._replace(right=box.left + line), box._replace(left=box.left + line)


def _around(part: Box, side_px: int, height: int, width: int) -> Box:
    # Square and centred where the picture allows, moved inwards at its edges.
    tall, wide = min(side_px, height), min(side_px, width)
    top = min(max((part.top + part.bottom - tall) // 2, 0), height - tall)
    left = min(max((part.left + part.right - wide) // 2, 0), width - wide)
    return Box(top, left, top + tall, left + wide)


def _paint_crop(
    engine: Engine, image: NDArray[_Level], hole: Hole, working_size_px: int, size_multiple: int
) -> NDArray[_Level]:
    height, width = hole.shape
    shrink = max(1, max(height, width) / working_size_px)
    if shrink > 1:
        image, hole = _reduced(image, hole, max(1, round(height / shrink)), max(1, round(width / shrink)))
    whole = composite(_run(engine, image, hole, size_multiple), image, hole)
    if shrink == 1:
        return whole
    return _resized(whole, width, height, Image.Resampling.BICUBIC)


def _reduced(image: NDArray[_Level], hole: Hole, height: int, width: int) -> tuple[NDArray[_Level], Hole]:
    # A reduced pixel that touches the hole is missing, so that no colour from inside the hole gets through.
    box = Image.Resampling.BOX
    covered = np.asarray(Image.fromarray(hole.astype(np.float32)).resize((width, height), box))
    missing = covered > 0
    if missing.all():  # a few known pixels in a large hole: then what touches them is known
        missing = covered > 1 - 1e-6
        mean = np.rint(image[~hole].mean(axis=0)).astype(image.dtype)
        image = np.where(hole[:, :, None], mean, image)
    return _resized(image, width, height, box), missing


def _resized(
    image: NDArray[_Level], width: int, height: int, resampling: Image.Resampling
) -> NDArray[_Level]:
    if image.dtype == np.uint8:
        return np.asarray(Image.fromarray(image).resize((width, height), resampling), dtype=image.dtype)
    resized = np.empty((height, width, image.shape[2]), image.dtype)
    for channel in range(image.shape[2]):  # Pillow resizes 16-bit colours only as one float picture each
        plane = Image.fromarray(image[:, :, channel].astype(np.float32))
        levels = np.rint(np.asarray(plane.resize((width, height), resampling)))
        resized[:, :, channel] = np.clip(levels, 0, np.iinfo(image.dtype).max)
    return resized


def _run(engine: Engine, image: NDArray[_Level], hole: Hole, size_multiple: int) -> NDArray[_Level]:
    height, width = hole.shape
    below = (0, _padded(height, size_multiple) - height)
    beside = (0, _padded(width, size_multiple) - width)
    planes = np.pad(to_planes(image), ((0, 0), below, beside), mode="reflect")
    mask = np.pad(hole.astype(np.float32), (below, beside), mode="reflect")
    painted = engine(planes[None], mask[None, None])[0]
    return to_pixels(painted[:, :height, :width], image.dtype.type)


def _padded(side_px: int, size_multiple: int) -> int:
    return -(-max(side_px, _LEAST_PX) // size_multiple) * size_multiple

"""From an image of any size to a network of one working size, and back.

The holes are divided into groups, and each group gets a *crop*, a window of the image with known surroundings. A crop
larger than the working size is reduced to it by area, painted, and enlarged again. A smaller one (as small as the
image itself) stays as it is, and its sides are extended to multiples that the network takes by mirroring at the bottom
and the right, hole included, so that nothing made up counts as known. The time is about the number of crops times a
constant.

An image no larger than the working size is one crop: the network sees it whole. In a larger one the size of a crop
depends on how *thick* its holes are (the side of the largest square inside), not on how far they extend: a long scratch
is painted piece by piece in full resolution, a solid hole in one piece. There are at most as many crops as the area
around the holes holds squares of half the working size or, if that is a narrow strip, lengths of seven eighths of it.
Crops are painted one after another; what one has painted is known to the next, so that pieces meet. What is too thick
for the network is then filled by ``fillings``, and the rest gets detail. An image that the network sees whole gets
detail alone: it holds too little to fill thick holes from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.images import Hole, composite, resize_levels, to_pixels, to_planes
from splpaint.inference.engines import Engine
from splpaint.inference.fillings import Region, add_detail, fill, thick_regions
from splpaint.inference.hole_rules import require_known
from splpaint.inference.windows import Window, thickness_px, tight_window

__all__ = ["Crop", "paint_any_size", "plan_crops"]

_Level = TypeVar("_Level", np.uint8, np.uint16)
_SOLID = 0.4  # holes thicker than this share of their group's extent stay in one piece: parts of one see little known
_MOST_PIECES_A_SIDE = 64  # pieces of a larger image are reduced, so that their number is bounded
_LEAST_PX = 16  # the networks pad by reflection, which needs some pixels


class Crop(NamedTuple):
    """One run of the network: it sees ``seen`` and paints the hole pixels in ``part``, which lies inside ``seen``."""

    part: Window
    seen: Window


def paint_any_size(
    engine: Engine,
    image: NDArray[_Level],
    hole: Hole,
    *,
    working_size_px: int,
    size_multiple: int,
    texture: bool = False,
    avoid: Hole | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[_Level]:
    """Paint the hole of an image of any size.

    Args:
        engine: Runs the network.
        image: uint8 or uint16 ``(H, W, 3)`` RGB, in any memory layout; not changed. What lies inside the hole has
            no influence.
        hole: bool ``(H, W)``, True = missing; at least one pixel is known.
        working_size_px: Largest height and width that the network gets.
        size_multiple: Both are multiples of this.
        texture: Fill what is too thick for the network with the image's own pixels, unless the network sees it whole,
            and give the rest the texture of its surroundings.
        avoid: bool ``(H, W)``, pixels from which no texture and no detail is taken. The network sees them all the same.
        progress: Called after each crop and each filling with the numbers of those done and of all.

    Returns:
        A new array like ``image``, outside the hole the pixels of ``image``.

    Raises:
        InputError: No pixel is known.
    """
    canvas, missing = np.array(image, order="C"), hole.copy()
    crops = plan_crops(hole, working_size_px=working_size_px)
    unusable = hole if avoid is None else hole | avoid
    seen_whole = max(hole.shape) <= working_size_px
    regions = list(thick_regions(hole, avoid)) if texture and not seen_whole else []
    steps = len(crops) + len(regions)
    for number, (part, seen) in enumerate(crops, start=1):
        painted = _paint_crop(
            engine, canvas[seen.slices], missing[seen.slices], working_size_px, size_multiple
        )
        inside = painted[part.within(seen)]
        canvas[part.slices] = composite(inside, canvas[part.slices], missing[part.slices])
        missing[part.slices] = False
        if progress:
            progress(number, steps)
    if texture:
        add_detail(canvas, _without(hole, regions), unusable, keep_structure=seen_whole)
    for number, (window, thick) in enumerate(regions, start=len(crops) + 1):
        fill(
            canvas[window.slices], hole[window.slices], thick, None if avoid is None else avoid[window.slices]
        )
        if progress:
            progress(number, steps)
    return canvas


def _without(hole: Hole, regions: Sequence[Region]) -> Hole:
    rest = hole.copy()
    for window, thick in regions:
        rest[window.slices] &= ~thick
    return rest


def plan_crops(hole: Hole, *, working_size_px: int) -> list[Crop]:
    """Divide the holes into groups and give each its surroundings.

    Returns:
        Crops whose parts do not overlap and together hold every hole pixel; none for an empty hole.

    Raises:
        InputError: No pixel is known.
    """
    require_known(hole)
    height, width = hole.shape
    whole = Window(0, 0, height, width)
    tight = tight_window(hole, whole)
    if tight is None:
        return []
    if max(height, width) <= working_size_px:
        return [Crop(tight, whole)]
    finest_px = max(working_size_px, max(height, width) // _MOST_PIECES_A_SIDE)
    most = max(-(-4 * tight.area // finest_px**2), tight.pieces(_piece_px(finest_px)))
    crops = []
    for part, side_px in _parts(hole, tight, finest_px, most):
        sides = (side_px, side_px) if side_px > finest_px else _sides(part, finest_px)
        seen = _around(part, sides, height, width)
        while hole[seen.slices].all():  # nothing known yet: look farther
            sides = 2 * sides[0], 2 * sides[1]
            seen = _around(part, sides, height, width)
        crops.append(Crop(part, seen))
    return crops


def _parts(hole: Hole, box: Window, finest_px: int, most: int) -> list[tuple[Window, int]]:
    # Groups of holes, at most ``most`` of them, each with the side of its surroundings.
    tight = tight_window(hole, box)
    if tight is None:
        return []
    thick_px = thickness_px(hole[tight.slices])
    solid = thick_px >= _SOLID * tight.extent_px
    piece_px = _piece_px(finest_px)
    if solid or tight.extent_px <= piece_px:
        return [(tight, _side_px(tight.extent_px, thick_px, finest_px) if solid else finest_px)]
    first, second = _halves(hole, tight, piece_px, most)
    parts = _parts(hole, first, finest_px, most - second.pieces(piece_px))
    return parts + _parts(hole, second, finest_px, most - len(parts))


def _piece_px(finest_px: int) -> int:
    # The largest extent of a group in full resolution: a sixteenth of its surroundings remains on each side.
    return finest_px - finest_px // 8


def _side_px(extent_px: int, thick_px: int, finest_px: int) -> int:
    # A solid hole sees twice its extent. A little less is enough if that saves the reduction.
    if extent_px + max(finest_px // 8, thick_px // 2) <= finest_px:
        return finest_px
    return extent_px + max(finest_px // 4, thick_px)


def _halves(hole: Hole, box: Window, piece_px: int, most: int) -> tuple[Window, Window]:
    # Cut across the longer side where the fewest pixels are missing, in its middle half, such that both together
    # need no more than ``most`` pieces.
    tall = box.bottom - box.top >= box.right - box.left
    lines = np.arange(box.extent_px // 4, box.extent_px - box.extent_px // 4)
    abreast = box.pieces(piece_px) // -(-box.extent_px // piece_px)
    pieces = abreast * (-(-lines // piece_px) + -(-(box.extent_px - lines) // piece_px))
    lines = lines[pieces <= most]
    counts = hole[box.slices].sum(axis=1 if tall else 0)
    cost = counts[lines] * box.extent_px + np.abs(lines - box.extent_px // 2)
    line = int(lines[cost.argmin()])
    if tall:
        return box._replace(bottom=box.top + line), box._replace(top=box.top + line)
    return box._replace(right=box.left + line), box._replace(left=box.left + line)


def _sides(part: Window, finest_px: int) -> tuple[int, int]:
    # Height and width in full resolution: what is narrow needs less surroundings than what is long.
    step_px = finest_px // 4
    sides = (
        _next_multiple(extent + step_px, step_px)
        for extent in (part.bottom - part.top, part.right - part.left)
    )
    tall, wide = (min(max(side, finest_px // 2), finest_px) for side in sides)
    return tall, wide


def _around(part: Window, sides_px: tuple[int, int], height: int, width: int) -> Window:
    # Centred, moved inwards at the image's edges.
    tall, wide = min(sides_px[0], height), min(sides_px[1], width)
    top = min(max((part.top + part.bottom - tall) // 2, 0), height - tall)
    left = min(max((part.left + part.right - wide) // 2, 0), width - wide)
    return Window(top, left, top + tall, left + wide)


def _paint_crop(
    engine: Engine, image: NDArray[_Level], hole: Hole, working_size_px: int, size_multiple: int
) -> NDArray[_Level]:
    height, width = hole.shape
    shrink = max(1, max(height, width) / working_size_px)
    if shrink > 1:
        image, hole = _reduce(image, hole, max(1, round(height / shrink)), max(1, round(width / shrink)))
    whole = composite(_run(engine, image, hole, size_multiple), image, hole)
    if shrink == 1:
        return whole
    return resize_levels(whole, width, height, Image.Resampling.BICUBIC)


def _reduce(image: NDArray[_Level], hole: Hole, height: int, width: int) -> tuple[NDArray[_Level], Hole]:
    # A reduced pixel that touches the hole is missing, so that no colour of the hole gets through.
    box = Image.Resampling.BOX
    covered = np.asarray(Image.fromarray(hole.astype(np.float32)).resize((width, height), box))
    missing = covered > 0
    if missing.all():  # a few known pixels in a large hole: then whatever touches them is known
        missing = covered > 1 - 1e-6
        mean = np.rint(image[~hole].mean(axis=0)).astype(image.dtype)
        image = np.where(hole[:, :, None], mean, image)
    return resize_levels(image, width, height, box), missing


def _run(engine: Engine, image: NDArray[_Level], hole: Hole, size_multiple: int) -> NDArray[_Level]:
    height, width = hole.shape
    below = (0, _next_multiple(height, size_multiple) - height)
    beside = (0, _next_multiple(width, size_multiple) - width)
    planes = np.pad(to_planes(image), ((0, 0), below, beside), mode="reflect")
    mask = np.pad(hole.astype(np.float32), (below, beside), mode="reflect")
    painted = engine(planes[None], mask[None, None])[0]
    return to_pixels(painted[:, :height, :width], image.dtype.type)


def _next_multiple(side_px: int, size_multiple: int) -> int:
    return -(-max(side_px, _LEAST_PX) // size_multiple) * size_multiple

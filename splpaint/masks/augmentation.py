"""Small random changes of masks, each a pure function of (mask, seed, index), the same on every machine.

The SPL paper flips masks; its authors report no gain from other changes. What enters the mask from outside is known,
and a change that would leave no hole is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from splpaint.errors import InputError, did_you_mean
from splpaint.images import Hole, dilate
from splpaint.masks.kinds import COMPASS, DIRECTIONS, UNIT, whole
from splpaint.random_streams import random_stream

__all__ = ["AUGMENTATIONS", "augment", "require_known"]

_Random = np.random.RandomState


def augment(hole: Hole, names: Sequence[str], *, seed: int, index: int) -> Hole:
    """Apply the named changes in the order given, each with random numbers of its own.

    Args:
        hole: bool (H,W), True = missing.
        names: Names from ``AUGMENTATIONS``.
        seed: In [0, 2**32).
        index: In [0, 2**32).

    Returns:
        bool (H,W), a new array; empty only if ``hole`` is.

    Raises:
        InputError: A name is not known.
    """
    require_known(names)
    hole = hole.copy()
    for name in names:
        key = sorted(AUGMENTATIONS).index(name)
        changed = AUGMENTATIONS[name](hole, random_stream(seed, index, 2, key))
        hole = np.ascontiguousarray(changed if changed.any() else hole)
    return hole


def require_known(names: Sequence[str]) -> None:
    """Refuse names that are not in ``AUGMENTATIONS`` with an ``InputError``."""
    for name in names:
        if name not in AUGMENTATIONS:
            known = ", ".join(sorted(AUGMENTATIONS))
            raise InputError(f"expected {known}, got {name!r}{did_you_mean(name, AUGMENTATIONS)}")


def _flip(hole: Hole, random: _Random) -> Hole:
    """Mirror it left to right, half of the time."""
    return hole[:, ::-1] if random.random_sample() < 0.5 else hole


def _rotate(hole: Hole, random: _Random) -> Hole:
    """Rotate it about its centre by one of ``DIRECTIONS`` angles, by nearest pixel."""
    height, width = hole.shape
    cosine, sine = COMPASS[whole(random, 0, DIRECTIONS - 1)]
    x = 2 * np.arange(width)[None, :] + 1 - width  # pixel centres from the mask's, in half pixels
    y = 2 * np.arange(height)[:, None] + 1 - height
    from_x = (x * cosine + y * sine + width * UNIT) // (2 * UNIT)
    from_y = (y * cosine - x * sine + height * UNIT) // (2 * UNIT)
    inside = (from_x >= 0) & (from_x < width) & (from_y >= 0) & (from_y < height)
    turned: Hole = inside & hole[np.clip(from_y, 0, height - 1), np.clip(from_x, 0, width - 1)]
    return turned


def _translate(hole: Hole, random: _Random) -> Hole:
    """Shift it by up to a quarter of each side."""
    height, width = hole.shape
    down, right = whole(random, -(height // 4), height // 4), whole(random, -(width // 4), width // 4)
    moved = np.zeros_like(hole)
    from_rows, rows = _overlap(down, height)
    from_columns, columns = _overlap(right, width)
    moved[rows, columns] = hole[from_rows, from_columns]
    return moved


def _overlap(shift: int, size: int) -> tuple[slice, slice]:
    return slice(max(0, -shift), size - max(0, shift)), slice(max(0, shift), size - max(0, -shift))


def _crop(hole: Hole, random: _Random) -> Hole:
    """Cut a window of half to all of each side, and enlarge it to the whole by nearest pixel."""
    indices = []
    for size in hole.shape:
        length = whole(random, -(-size // 2), size)
        start = whole(random, 0, size - length)
        indices.append(start + (2 * np.arange(size) + 1) * length // (2 * size))
    cut: Hole = hole[np.ix_(*indices)]
    return cut


def _dilate(hole: Hole, random: _Random) -> Hole:
    """Dilate it by a disc of up to 1/32 of the shorter side."""
    return dilate(hole, whole(random, 0, min(hole.shape) // 32))


AUGMENTATIONS: dict[str, Callable[[Hole, _Random], Hole]] = {
    "crop": _crop,
    "dilate": _dilate,
    "flip": _flip,
    "rotate": _rotate,
    "translate": _translate,
}
"""Name -> (mask, its random numbers) => mask."""

"""What people take out of photographs: scratches, things, lettering.

Sizes are shares of the image's shorter side, so that a photograph is damaged alike at every size.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from splpaint.images import Hole
from splpaint.masks.kinds.drawing import COMPASS, DIRECTIONS, GRID, UNIT, Segment, check_numbers, draw, whole
from splpaint.random_streams import random_stream

__all__ = ["blob_quarter_mask", "blob_tenth_mask", "scratches_mask", "text_mask"]

_THINNEST = 12  # radius in units of the grid: no line falls between pixels
_JOINTS = 12

# Capitals and digits of straight strokes on a grid 4 wide and 6 high, from the top left: two digits, x and y, a point.
_LETTERS = (
    *("062046 1333", "40000646 0333", "400006 0333", "0006 4046 0343", "2026", "0006 400346", "000646"),
    *("0600234046", "06004640", "103041453616050110", "06003041423303", "06003041423303 2346"),
    *("413010010213334445361605", "0040 2026", "000516364540", "002640", "0016233640", "0046 4006"),
    *("002340 2326", "00400646", "112026", "01103041420646", "004016", "36300444"),
)
_ADVANCE = 6  # from a letter to the next, in its own units
_LINE = 9


def scratches_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Draw four to twelve long, thin, slightly bent scratches; arguments and errors as ``MaskGenerator``.

    Returns:
        bool (height, width), True = hole: each scratch 0.6 to 2 % of the shorter side wide; never empty.
    """
    check_numbers(seed, index, height, width)
    random = random_stream(seed, index)
    mask = np.zeros((height, width), dtype=np.bool_)
    for _ in range(whole(random, 4, 12)):
        draw(_scratch(random, height, width), mask)
    return mask


def blob_tenth_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Draw a rounded thing about a tenth of the shorter side across; arguments and errors as ``MaskGenerator``."""
    return _blob(seed, index, height, width, parts=10)


def blob_quarter_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Draw a rounded thing about a quarter of the shorter side across; arguments and errors as ``MaskGenerator``."""
    return _blob(seed, index, height, width, parts=4)


def text_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Draw one to three lines of capitals and digits; arguments and errors as ``MaskGenerator``.

    Returns:
        bool (height, width), True = hole: letters 4 to 10 % of the shorter side high; never empty.
    """
    check_numbers(seed, index, height, width)
    random = random_stream(seed, index)
    unit = max(
        GRID, min(height, width) * GRID * whole(random, 40, 100) // 6000
    )  # a sixth of a letter's height
    radius = max(_THINNEST, unit * whole(random, 3, 6) // 10)
    lines, letters = whole(random, 1, 3), whole(random, 4, 16)
    x = whole(random, 0, max(0, GRID * width - letters * _ADVANCE * unit))
    y = whole(random, 0, max(0, GRID * height - lines * _LINE * unit))
    mask = np.zeros((height, width), dtype=np.bool_)
    for line in range(lines):
        for place in range(letters):
            letter = _LETTERS[whole(random, 0, len(_LETTERS) - 1)]
            draw(_letter(letter, x + place * _ADVANCE * unit, y + line * _LINE * unit, unit, radius), mask)
    return mask


def _scratch(random: np.random.RandomState, height: int, width: int) -> Iterator[Segment]:
    side = GRID * min(height, width)
    x, y = whole(random, 0, GRID * width - 1), whole(random, 0, GRID * height - 1)
    radius = max(_THINNEST, side * whole(random, 3, 10) // 1000)
    length = side * whole(random, 20, 80) // (100 * _JOINTS)
    heading = whole(random, 0, DIRECTIONS - 1)
    yield Segment(x, y, x, y, radius)
    for _ in range(_JOINTS):
        heading = (heading + whole(random, -3, 3)) % DIRECTIONS
        cosine, sine = COMPASS[heading]
        to_x, to_y = x + length * cosine // UNIT, y + length * sine // UNIT
        yield Segment(x, y, to_x, to_y, radius)
        x, y = to_x, to_y


def _blob(seed: int, index: int, height: int, width: int, *, parts: int) -> Hole:
    """Several discs around one, as wide as the ``parts``-th part of the shorter side together."""
    check_numbers(seed, index, height, width)
    random = random_stream(seed, index)
    reach = max(2 * _THINNEST, GRID * min(height, width) // (2 * parts))
    x, y = (whole(random, reach, GRID * length - reach) for length in (width, height))
    mask = np.zeros((height, width), dtype=np.bool_)
    draw((Segment(x, y, x, y, reach // 2),), mask)
    for _ in range(whole(random, 3, 6)):
        radius = reach * whole(random, 25, 50) // 100
        cosine, sine = COMPASS[whole(random, 0, DIRECTIONS - 1)]
        to_x, to_y = x + (reach - radius) * cosine // UNIT, y + (reach - radius) * sine // UNIT
        draw((Segment(x, y, to_x, to_y, radius),), mask)
    return mask


def _letter(letter: str, left: int, top: int, unit: int, radius: int) -> Iterator[Segment]:
    for stroke in letter.split():
        digits = [int(digit) for digit in stroke]
        points = [(left + unit * x, top + unit * y) for x, y in zip(digits[::2], digits[1::2], strict=True)]
        yield Segment(*points[0], *points[0], radius)
        for start, end in pairwise(points):
            yield Segment(*start, *end, radius)

"""Growing holes and softening their edges, by Euclidean distance in pixels.

Distances up to a limit, in two passes as in Felzenszwalb and Huttenlocher 2012 (along columns, then along
rows), but over tiles with a margin, so that an image of 100 megapixels needs no more memory than a small one and
tiles far from the hole cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import InputError
from splpaint.images.arrays import Hole

__all__ = ["AUTO", "Growth", "dilate", "feather", "growth_px", "parse_growth", "require_growth"]

MAX_GROWTH_PX = 512
AUTO: Literal["auto"] = "auto"

Growth = int | Literal["auto"]
"""Pixels by which a hole is grown, or what suits it."""

_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)

_Level = TypeVar("_Level", np.uint8, np.uint16)
_TILE_PX = 1024
_LEAST_GROWTH_PX, _MOST_GROWTH_PX = 6, 24
_GROWTH = 0.01
_Windows = tuple[tuple[slice, slice], tuple[slice, slice], tuple[slice, slice]]


def dilate(hole: Hole, growth: Growth) -> Hole:
    """Grow a hole: whatever lies at most so many pixels from it becomes missing, too.

    Args:
        hole: bool ``(H, W)``, True = missing; not changed.
        growth: 0 to 512 pixels, or ``auto``: what ``growth_px`` says.

    Raises:
        InputError: ``growth`` is out of range.
    """
    pixels = growth_px(hole, growth)
    grown = hole.copy()
    for tile, around, inside in _tiles(hole, pixels):
        grown[tile] = (_distance_px(hole[around], pixels) <= pixels)[inside]
    return grown


def growth_px(hole: Hole, growth: Growth) -> int:
    """By how many pixels a hole is grown.

    Args:
        hole: bool ``(H, W)``, True = missing.
        growth: 0 to 512 pixels; or ``auto``, for masks of things, so that neither their soft edges nor most of a
            shadow remain: 6, for large things a hundredth of the square root of the hole's area, up to 24; 0 for an
            empty hole. On 24 scenes 6 was the best for the smaller and the larger half of the things alike.

    Raises:
        InputError: ``growth`` is out of range.
    """
    if growth != AUTO:
        require_growth("dilate", growth)
        return growth
    area = int(hole.sum())
    return min(max(_LEAST_GROWTH_PX, round(_GROWTH * area**0.5)), _MOST_GROWTH_PX) if area else 0


def parse_growth(name: str, text: str) -> Growth:
    """Read a number of pixels, or ``auto``.

    Args:
        name: The parameter's name, for the message.
        text: For example ``8``.

    Raises:
        InputError: It is neither, or out of range.
    """
    if text == AUTO:
        return AUTO
    if not _WHOLE.fullmatch(text):
        raise InputError(
            f"{name} must be 0 to {MAX_GROWTH_PX} pixels or auto, got {text[:60]!r}; for example 8"
        )
    require_growth(name, int(text))
    return int(text)


def feather(painted: NDArray[_Level], image: NDArray[_Level], hole: Hole, pixels: int) -> NDArray[_Level]:
    """Blend the painting softly into the image, inside the hole only.

    A missing pixel at distance d from the nearest known one becomes d / (``pixels`` + 1) of the painting and
    the rest of what ``image`` holds there; from ``pixels`` + 1 on it is the painting alone.

    Args:
        painted: uint8 or uint16 ``(H, W, C)``, equal to ``image`` outside the hole; changed in place.
        image: Of the same type and shape.
        hole: bool ``(H, W)``, True = missing.
        pixels: 0 to 512.

    Returns:
        ``painted``.

    Raises:
        InputError: ``pixels`` is out of range.
    """
    require_growth("feather", pixels)
    for tile, around, inside in _tiles(hole, pixels):
        distance = _distance_px(~hole[around], pixels)[inside]
        edge = hole[tile] & (distance < pixels + 1)
        share = (distance[edge] / np.float32(pixels + 1))[:, None]
        mixed = share * painted[tile][edge] + (1 - share) * image[tile][edge]
        painted[tile][edge] = np.rint(mixed).astype(image.dtype)
    return painted


def require_growth(name: str, pixels: int) -> None:
    """Make sure that a hole can be grown, or its edge softened, by a number of pixels.

    Args:
        name: The parameter's name, for the message.
        pixels: A whole number, also one of NumPy's.

    Raises:
        InputError: It is no whole number or out of range.
    """
    if not isinstance(pixels, (int, np.integer)) or not 0 <= pixels <= MAX_GROWTH_PX:
        raise InputError(
            f"{name} must be 0 to {MAX_GROWTH_PX} pixels, got {pixels!s:.60}; give a whole number between these"
        )


def _tiles(hole: Hole, margin_px: int) -> Iterator[_Windows]:
    # Windows that tile the image, the same with a margin, and the place of the first in the second.
    height, width = hole.shape
    for top in range(0, height if margin_px else 0, _TILE_PX):
        for left in range(0, width, _TILE_PX):
            bottom, right = min(top + _TILE_PX, height), min(left + _TILE_PX, width)
            upper, lefter = max(top - margin_px, 0), max(left - margin_px, 0)
            around = slice(upper, bottom + margin_px), slice(lefter, right + margin_px)
            if hole[around].any():
                inside = slice(top - upper, bottom - upper), slice(left - lefter, right - lefter)
                yield (slice(top, bottom), slice(left, right)), around, inside


def _distance_px(marked: Hole, limit_px: int) -> NDArray[np.float32]:
    # Distance of every pixel to the nearest marked one, up to limit_px + 1.
    squares = _column_distance_px(marked, limit_px + 1) ** 2
    nearest = squares.copy()
    for shift in range(1, min(limit_px, marked.shape[1] - 1) + 1):
        for there, here in (
            (squares[:, :-shift], nearest[:, shift:]),
            (squares[:, shift:], nearest[:, :-shift]),
        ):
            np.minimum(here, there + shift * shift, out=here)
    return np.sqrt(nearest, dtype=np.float32)


def _column_distance_px(marked: Hole, far_px: int) -> NDArray[np.int32]:
    distance = np.where(marked, np.int32(0), np.int32(far_px))
    for row in range(1, len(distance)):
        np.minimum(distance[row], distance[row - 1] + 1, out=distance[row])
    for row in range(len(distance) - 2, -1, -1):
        np.minimum(distance[row], distance[row + 1] + 1, out=distance[row])
    return distance

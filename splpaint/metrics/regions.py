"""Places in and around a hole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["box_sums", "window_around"]


def window_around(hole: NDArray[np.bool_], *, margin_px: int) -> tuple[slice, slice]:
    """The rows and columns of the hole's bounding box and a margin, as far as the image reaches.

    Args:
        hole: bool (H,W), True = missing.
        margin_px: Width of the margin.

    Returns:
        Slices of the height and the width; of an empty hole empty ones.
    """
    return _span(hole, 0, margin_px), _span(hole, 1, margin_px)


def box_sums(values: NDArray[np.bool_] | NDArray[np.int16], side_px: int) -> NDArray[np.int64]:
    """Sums over squares around each pixel, zeros beyond the border.

    Args:
        values: (H,W).
        side_px: Of the square; if it is even, the square reaches one pixel further up and left.

    Returns:
        (H,W).
    """
    before, after = side_px // 2, (side_px - 1) // 2
    padded = np.pad(values, ((before + 1, after), (before + 1, after)))
    height, width = values.shape
    down = padded.cumsum(axis=0, dtype=np.int64)
    right = (down[side_px:] - down[:height]).cumsum(axis=1)
    return np.asarray(right[:, side_px:] - right[:, :width])


def _span(hole: NDArray[np.bool_], axis: int, margin_px: int) -> slice:
    places = np.flatnonzero(hole.any(axis=1 - axis))
    if not places.size:
        return slice(0, 0)
    return slice(max(int(places[0]) - margin_px, 0), int(places[-1]) + 1 + margin_px)

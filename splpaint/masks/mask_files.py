"""Mask files read in our convention: which colour means a hole is stated, never guessed."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from splpaint.images import Hole, centre_square, read_mask
from splpaint.masks.polarity import Polarity

__all__ = ["fit_hole", "read_hole"]


def read_hole(path: Path, polarity: Polarity) -> Hole:
    """Read a mask file: bool (H,W), True = hole; levels above 127 are white.

    Raises:
        InputError: The file cannot be read as an 8-bit picture or does not mean a mask.
    """
    with warnings.catch_warnings():
        # Grey levels in masks that were saved as JPEG: for a set they are counted, not told file by file.
        warnings.simplefilter("ignore", UserWarning)
        white = read_mask(path)
    return white if polarity == Polarity.WHITE_HOLE else ~white


def fit_hole(hole: Hole, side_px: int) -> Hole:
    """Crop a hole (H,W) to its central square and resize that by nearest pixel to (side_px,side_px)."""
    left, top, right, bottom = map(int, centre_square(hole.shape[1], hole.shape[0]))
    centres = 2 * np.arange(side_px) + 1  # of the new pixels, in halves of them
    rows = top + centres * (bottom - top) // (2 * side_px)
    columns = left + centres * (right - left) // (2 * side_px)
    fitted: Hole = hole[np.ix_(rows, columns)]
    return fitted

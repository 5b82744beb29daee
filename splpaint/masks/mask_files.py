"""Mask files read in our convention: which colour means a hole is stated, never guessed."""

from __future__ import annotations

import warnings
from pathlib import Path

from splpaint.images import Hole, read_mask
from splpaint.masks.polarity import Polarity

__all__ = ["read_hole"]


def read_hole(path: Path, polarity: Polarity) -> Hole:
    """Read a mask file: bool (H,W), True = hole; levels above 127 are white.

    Raises:
        InputError: The file cannot be read as an 8-bit picture or is no mask.
    """
    with warnings.catch_warnings():
        # Grey levels of masks saved as JPEG: a set's are judged together, not told file by file.
        warnings.simplefilter("ignore", UserWarning)
        white = read_mask(path)
    return white if polarity == Polarity.WHITE_HOLE else ~white

"""Mask files of other people, read in our convention: which colour means a hole is stated, never guessed.

Sources: Liu et al. 2018 (NVIDIA), whose test masks are white where the hole is and whose training masks are
the other way round; and QD-IMD, the Quick Draw Irregular Mask Dataset, black where the hole is.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from splpaint.data.transforms import centre_square
from splpaint.errors import InputError
from splpaint.images import Hole, read_mask

__all__ = [
    "COLLECTIONS",
    "COMMAND_LINE",
    "LARGEST_MEAN",
    "POLARITIES",
    "Collection",
    "OptionNames",
    "Polarity",
    "fit_hole",
    "read_hole",
    "require_plausible",
]

Polarity = Literal["white-hole", "white-known"]
POLARITIES: tuple[Polarity, ...] = ("white-hole", "white-known")

LARGEST_MEAN = 0.65
"""Of a set's hole ratios: irregular masks from 1 to 60 % have 30 % on average, read the wrong way round 70 %."""
_SAMPLE = 64


class OptionNames(NamedTuple):
    """What the user says to state what masks are like, for messages: the command line's way, or another's."""

    polarity: str
    any_ratio: str


COMMAND_LINE = OptionNames("--polarity ", "--any-ratio")


class Collection(NamedTuple):
    """What is known of a published set of masks; None = not known or free."""

    polarity: Polarity | None
    files: int | None
    side_px: int | None


COLLECTIONS: dict[str, Collection] = {
    "folder": Collection(None, None, None),
    "nvidia-test": Collection("white-hole", 12_000, 512),
    "nvidia-train": Collection("white-known", None, 512),
    "qd-imd": Collection("white-known", None, 512),
}
"""Name -> facts; a ``folder`` is anybody's own."""


def read_hole(path: Path, polarity: Polarity) -> Hole:
    """Read a mask file: bool (H,W), True = hole; levels above 127 are white.

    Raises:
        InputError: The file cannot be read as an 8-bit picture or does not mean a mask.
    """
    with warnings.catch_warnings():
        # Grey levels in masks that were saved as JPEG: for a set they are counted, not told file by file.
        warnings.simplefilter("ignore", UserWarning)
        white = read_mask(path)
    return white if polarity == "white-hole" else ~white


def fit_hole(hole: Hole, side_px: int) -> Hole:
    """Crop a hole (H,W) to its central square and resize that by nearest pixel to (side_px,side_px)."""
    left, top, right, bottom = map(int, centre_square(hole.shape[1], hole.shape[0]))
    centres = 2 * np.arange(side_px) + 1  # of the new pixels, in halves of them
    rows = top + centres * (bottom - top) // (2 * side_px)
    columns = left + centres * (right - left) // (2 * side_px)
    fitted: Hole = hole[np.ix_(rows, columns)]
    return fitted


def require_plausible(files: Sequence[Path], polarity: Polarity, options: OptionNames = COMMAND_LINE) -> None:
    """Refuse a set of masks that looks as if white and black were mixed up.

    Up to 64 files, evenly spaced, are read; those that cannot be read are left to whoever reads them all.

    Raises:
        InputError: Their holes cover more than 65 % on average.
    """
    step = max(1, len(files) // _SAMPLE)
    ratios = []
    for path in files[::step][:_SAMPLE]:
        try:
            ratios.append(float(read_hole(path, polarity).mean()))
        except InputError:
            continue
    mean = float(np.mean(ratios)) if ratios else 0.0
    if mean > LARGEST_MEAN:
        other = next(name for name in POLARITIES if name != polarity)
        raise InputError(
            f"expected holes of at most {LARGEST_MEAN:.0%} of the picture on average, got {mean:.1%} when "
            f"the masks are read as {polarity} ({1 - mean:.1%} as {other}; {len(ratios)} of {len(files)} files "
            f"in {files[0].parent}); say {options.polarity}{other}, or {options.any_ratio} if such large holes "
            "are meant"
        )

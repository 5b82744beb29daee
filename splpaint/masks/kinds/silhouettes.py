"""Holes with the outlines of things: silhouettes of cut-outs, placed, scaled and flipped at random."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from splpaint.errors import InputError
from splpaint.images import Hole, mask_levels, open_picture, plain_mode, upright
from splpaint.masks.collections import is_photograph
from splpaint.masks.kinds.drawing import check_numbers, whole
from splpaint.random_streams import random_stream

__all__ = ["choose_silhouette", "object_mask"]

_LARGEST_SIDE_PX = 1024  # of a silhouette kept in memory


def choose_silhouette(files: Sequence[Path], *, seed: int, index: int) -> Path:
    """The silhouette of mask ``index``, each file as likely, from a random stream apart from the placing's."""
    if not files:
        raise InputError("expected at least one cut-out picture, got none; give some")
    return files[whole(random_stream(seed, index, 1), 0, len(files) - 1)]


def object_mask(silhouette: Path, *, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Place a silhouette in an empty mask, as a function of (silhouette, seed, index).

    Args:
        silhouette: A picture with transparency: what is opaque (alpha above 127) is the thing. One without is
            read as a mask, white = the thing.
        seed: In [0, 2**32).
        index: In [0, 2**32).
        height: Rows in pixels, at least 16.
        width: Columns in pixels, at least 16.

    Returns:
        bool (height, width), True = hole: the thing, whole, its longer side a quarter to three quarters of
        the image's shorter one, mirrored half of the time.

    Raises:
        InputError: A number is out of range, or the file cannot be read or shows nothing or only the thing.
    """
    check_numbers(seed, index, height, width)
    random = random_stream(seed, index)
    shape = _outline(silhouette.absolute())
    longest = whole(random, min(height, width) // 4, min(height, width) * 3 // 4)
    rows, columns = (max(1, longest * side // max(shape.shape)) for side in shape.shape)
    placed = _resize(shape, rows, columns)
    if random.random_sample() < 0.5:
        placed = placed[:, ::-1]
    top, left = whole(random, 0, height - rows), whole(random, 0, width - columns)
    mask = np.zeros((height, width), dtype=np.bool_)
    mask[top : top + rows, left : left + columns] = placed
    return mask


@lru_cache(maxsize=64)
def _outline(path: Path) -> Hole:
    """The silhouette cut to its bounding box, at most ``_LARGEST_SIDE_PX`` on a side."""
    image = plain_mode(upright(open_picture(path)))
    if "A" in image.getbands():
        thing = np.asarray(image.getchannel("A")) > 127
    elif is_photograph(levels := mask_levels(image)):
        raise InputError(
            f"expected a cut-out (a thing on a transparent ground), got {path}, a photograph without transparency; "
            "give PNG or WebP files with transparency"
        )
    else:
        thing = levels > 127
    if not thing.any() or thing.all():
        raise InputError(
            f"expected a cut-out (a thing on a transparent ground), got {path}, which is "
            f"{'all' if thing.any() else 'nowhere'} opaque; give PNG or WebP files with transparency"
        )
    rows, columns = np.flatnonzero(thing.any(axis=1)), np.flatnonzero(thing.any(axis=0))
    thing = thing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    shrink = max(1, -(-max(thing.shape) // _LARGEST_SIDE_PX))
    return _resize(thing, *(-(-side // shrink) for side in thing.shape))


def _resize(shape: Hole, rows: int, columns: int) -> Hole:
    """Resize a silhouette; a new pixel is set if any of the old ones below it is, so that nothing thin gets lost."""
    first_rows = np.arange(rows) * shape.shape[0] // rows
    first_columns = np.arange(columns) * shape.shape[1] // columns
    tall = np.logical_or.reduceat(shape, first_rows, axis=0)
    return np.logical_or.reduceat(tall, first_columns, axis=1)

"""A few pairs as every method painted them, in lossless WebP beside the values of their shard.

``records-I-of-N/pictures/NUMBER/`` holds ``truth.webp``, ``damaged.webp`` (transparent where the hole is), and
``1.webp`` of the first method, ``2.webp`` of the second ...: not every name of a method can be a file's.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ConfigDict, ValidationError

from splpaint.atomic_files import write_atomic
from splpaint.evaluation.records import RecordFile
from splpaint.images import Hole, Pixels

__all__ = [
    "DAMAGED",
    "TRUTH",
    "KeptPictures",
    "PaintedPair",
    "PictureIndex",
    "Window",
    "painted_by",
    "shown_window",
]

TRUTH, DAMAGED = "truth.webp", "damaged.webp"
_INDEX = "index.json"
_MOST_SIDE_PX = 1024


class Window(NamedTuple):
    """A part of a picture: pixels from ``left``, ``top`` up to ``right``, ``bottom``, which are outside."""

    left: int
    top: int
    right: int
    bottom: int


def shown_window(hole: Hole, most_side_px: int = _MOST_SIDE_PX) -> Window:
    """The part of a picture to show: all of it, or if it is larger, the hole with as much again on every side.

    Args:
        hole: bool (H,W), True = was missing.
        most_side_px: Longest side of the part. A larger hole is shown where most of it is, and around a small one no
            less than a quarter of this.
    """
    side_px = most_side_px
    if max(hole.shape) > most_side_px:
        extent = max(_extent(hole.sum(axis=axis)) for axis in (0, 1))
        side_px = min(max(3 * extent, most_side_px // 4), most_side_px)
    top, bottom = _fullest(hole.sum(axis=1), side_px)
    left, right = _fullest(hole[top:bottom].sum(axis=0), side_px)
    return Window(left, top, right, bottom)


def _extent(counts: NDArray[np.int64]) -> int:
    places = np.flatnonzero(counts)
    return int(places[-1] - places[0]) + 1 if places.size else 0


def _fullest(counts: NDArray[np.int64], most: int) -> tuple[int, int]:
    if len(counts) <= most:
        return 0, len(counts)
    before = np.concatenate([[0], np.cumsum(counts)])
    inside = before[most:] - before[:-most]
    starts = np.flatnonzero(inside == inside.max())
    start = int(starts[len(starts) // 2])  # the middle one: a small hole is not shown at the edge
    return start, start + most


class PaintedPair(NamedTuple):
    """A pair as every method painted it.

    Attributes:
        number: Its place in the manifest, from 1.
        truth: uint8 (H,W,3).
        hole: bool (H,W), True = was missing.
        painted: uint8 (H,W,3) each, in the order of the methods.
    """

    number: int
    truth: Pixels
    hole: Hole
    painted: Sequence[Pixels]


class PictureIndex(BaseModel):
    """Which pictures a shard keeps.

    Attributes:
        asked: How many pairs it was asked to keep.
        windows: Number of a pair => the part that is kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    asked: int = 0
    windows: Mapping[int, Window] = {}


class KeptPictures:
    """The pictures of a shard.

    Args:
        records: Its values.
    """

    def __init__(self, records: RecordFile) -> None:
        self._folder = records.path.parent / "pictures"

    def index(self) -> PictureIndex:
        """What is there; nothing if pictures were never kept or not all of them were written."""
        with suppress(OSError, ValidationError):
            return PictureIndex.model_validate_json((self._folder / _INDEX).read_bytes())
        return PictureIndex()

    def path(self, number: int, name: str) -> Path:
        """A picture of a pair."""
        return self._folder / str(number) / name

    def keep(self, pairs: Iterable[PaintedPair], asked: int) -> None:
        """Add pairs to those that are there.

        Args:
            pairs: With pictures of any size, of which ``shown_window`` the hole is kept.
            asked: How many pairs the shard was asked to keep.

        Raises:
            InputError: A file cannot be written.
        """
        windows = dict(self.index().windows)
        for pair in pairs:
            windows[pair.number] = window = shown_window(pair.hole)
            for name, picture in _pictures(pair, window).items():
                write_atomic(self.path(pair.number, name), _encode(picture))
        index = PictureIndex(asked=asked, windows=windows)
        write_atomic(self._folder / _INDEX, index.model_dump_json(indent=1).encode())

    def remove(self) -> None:
        """Drop all of them."""
        shutil.rmtree(self._folder, ignore_errors=True)


def painted_by(method: int) -> str:
    """Name of the file that a method painted, the first one being 1."""
    return f"{method}.webp"


def _pictures(pair: PaintedPair, window: Window) -> dict[str, NDArray[np.uint8]]:
    part = np.s_[window.top : window.bottom, window.left : window.right]
    truth, known = pair.truth[part], ~pair.hole[part][..., None]
    damaged = np.concatenate([truth * known, known * np.uint8(255)], axis=2)
    painted = {painted_by(method): picture[part] for method, picture in enumerate(pair.painted, start=1)}
    return {TRUTH: truth, DAMAGED: damaged} | painted


def _encode(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", lossless=True, method=2)
    return file.getvalue()

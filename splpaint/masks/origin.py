"""Where a mask comes from, how a manifest's cell says so, and how the mask is made or read again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from splpaint.errors import InputError
from splpaint.images import CropBox, Hole, centre_square, fit_hole
from splpaint.masks.kinds import GENERATORS, object_mask
from splpaint.masks.mask_files import read_hole
from splpaint.masks.polarity import Polarity

__all__ = [
    "OBJECT",
    "Frame",
    "Mask",
    "MaskOrigin",
    "draw_mask",
    "read_mask_file",
    "recall_mask",
    "sha256_of_hole",
]

OBJECT = "object"
"""The kind of masks that have the outlines of silhouettes."""


class Frame(NamedTuple):
    """The size that a mask is wanted in, and what of a mask file is brought to it, by nearest pixel.

    Attributes:
        width: In pixels.
        height: In pixels.
        whole: The whole mask is stretched; False: its central square is resized, which suits a square frame.
    """

    width: int
    height: int
    whole: bool = False

    @classmethod
    def square(cls, side_px: int) -> Frame:
        """A square frame, which takes the central square of a mask file."""
        return cls(side_px, side_px)

    def fit(self, hole: Hole) -> Hole:
        """Bring the hole of a mask file (H,W) to (height,width)."""
        height, width = hole.shape
        box = CropBox(0, 0, width, height) if self.whole else centre_square(width, height)
        return fit_hole(hole, box, self.width, self.height)


_DRAWN = Frame.square(256)


class MaskOrigin(NamedTuple):
    """Where a mask comes from; as text a manifest's cell: ``thin``, ``object:PATH``, ``PATH``, ``white-known:PATH``.

    Attributes:
        kind: A name of ``GENERATORS`` or ``OBJECT`` for a drawn mask; the polarity for a mask file.
        path: The mask file or the silhouette; None for a drawn mask without one.
    """

    kind: str
    path: str | None = None

    @classmethod
    def parse(cls, cell: str) -> MaskOrigin:
        """The reverse of ``str``."""
        if cell in GENERATORS:
            return cls(cell)
        kind, colon, path = cell.partition(":")
        if colon and kind in {OBJECT, Polarity.WHITE_KNOWN}:
            return cls(kind, path)
        return cls(Polarity.WHITE_HOLE, cell)

    def __str__(self) -> str:
        if self.path is None:
            return self.kind
        if self.kind != Polarity.WHITE_HOLE:
            return f"{self.kind}:{self.path}"
        # A file may have the name of a kind, or one that looks like a prefix.
        return self.path if self.parse(self.path) == self else f"./{self.path}"

    @property
    def polarity(self) -> Polarity | None:
        """The polarity of a mask file; None for a drawn mask."""
        return Polarity(self.kind) if self.kind in set(Polarity) else None

    @property
    def group(self) -> str:
        """What it is counted with: the kind of a drawn mask; ``files`` for every mask file."""
        return self.kind if self.polarity is None else "files"


class Mask(NamedTuple):
    """One mask at the size that it is wanted in.

    Attributes:
        origin: Where it comes from.
        seed: The seed of a drawn mask; None for a file.
        number: The index of a drawn mask; None for a file.
        hole: bool (H,W), True = missing.
        file: The mask file that was read; None for a drawn mask.
    """

    origin: MaskOrigin
    seed: int | None
    number: int | None
    hole: Hole
    file: Path | None = None

    @property
    def sha256(self) -> str:
        """The checksum of the mask file; that of a drawn mask is ``sha256_of_hole``."""
        if self.file is None:
            return sha256_of_hole(self.hole)
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    def require_hole(self) -> None:
        """Refuse an empty mask with an ``InputError``."""
        if not self.hole.any():
            raise InputError(
                f"expected a hole, got the empty mask {self.origin} (read as {self.origin.kind}); leave it out"
            )


def draw_mask(origin: MaskOrigin, *, seed: int, index: int, frame: Frame | None, root: Path = Path()) -> Mask:
    """Draw a mask, of 256 x 256 without a frame; a silhouette's path is relative to ``root``."""
    frame = frame or _DRAWN
    numbers = {"seed": seed, "index": index, "height": frame.height, "width": frame.width}
    if origin.path is None:
        return Mask(origin, seed, index, GENERATORS[origin.kind](**numbers))
    return Mask(origin, seed, index, object_mask(root / origin.path, **numbers))


def read_mask_file(origin: MaskOrigin, *, frame: Frame | None, root: Path = Path()) -> Mask:
    """Read a mask file, which keeps its own size without a frame; its path is relative to ``root``."""
    file = root / (origin.path or "")
    hole = read_hole(file, Polarity(origin.kind))
    return Mask(origin, None, None, frame.fit(hole) if frame else hole, file)


def recall_mask(origin: MaskOrigin, root: Path, *, seed: int | None, index: int | None, frame: Frame) -> Mask:
    """Make or read again a mask that a manifest in the folder ``root`` has recorded.

    Raises:
        InputError: A file is missing or unreadable.
    """
    if seed is None or index is None:
        return read_mask_file(origin, frame=frame, root=root)
    return draw_mask(origin, seed=seed, index=index, frame=frame, root=root)


def sha256_of_hole(hole: Hole) -> str:
    """The checksum of a hole (H,W) as uint8 0/255, row by row."""
    levels = np.where(hole, np.uint8(255), np.uint8(0))  # bool (H,W) => uint8 (H,W)
    return hashlib.sha256(levels.tobytes()).hexdigest()

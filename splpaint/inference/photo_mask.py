"""The kinds of masks that a photo may have: a picture in a file or in memory, its own transparency, or none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from splpaint.errors import InputError, SizeMismatchError
from splpaint.images import CropBox, Hole, Photo, fit_hole, read_mask

__all__ = ["MaskBytes", "MaskFile", "NoMask", "PhotoMask", "Transparency", "marked_hole"]


@dataclass(frozen=True)
class MaskFile:
    """A picture of the photo's size; for a folder of photos also a folder of such pictures."""

    path: Path


@dataclass(frozen=True)
class MaskBytes:
    """The bytes of such a picture's file."""

    data: bytes


@dataclass(frozen=True)
class Transparency:
    """The transparent part of the photo itself is missing."""


@dataclass(frozen=True)
class NoMask:
    """No mask: boxes alone say what is missing."""


PhotoMask = MaskFile | MaskBytes | Transparency | NoMask


def marked_hole(mask: PhotoMask, photo: Photo, *, invert: bool, resize: bool, name: str = "mask") -> Hole:
    """The part of a photo that a mask marks.

    Args:
        mask: The mask; ``NoMask`` marks nothing, inverted or not.
        photo: The photo.
        invert: Whether black is marked instead of white.
        resize: Whether the mask is scaled to the photo's size by nearest neighbour.
        name: What errors call it.

    Returns:
        bool ``(H, W)``, True = missing.

    Raises:
        InputError: The mask cannot be read, its size is another one, or there is no transparency.
    """
    match mask:
        case NoMask():
            return np.zeros(photo.size[::-1], np.bool_)
        case Transparency():
            hole = _transparent_hole(photo)
        case MaskFile(path):
            hole = _fit(read_mask(path), *photo.size, resize=resize, name=name)
        case MaskBytes(data):
            hole = _fit(read_mask(name, data), *photo.size, resize=resize, name=name)
    return ~hole if invert else hole


def _fit(hole: Hole, width: int, height: int, *, resize: bool, name: str) -> Hole:
    if hole.shape == (height, width):
        return hole
    if not resize:
        raise SizeMismatchError(
            f"{name} must have the image's size {width}x{height}, got {hole.shape[1]}x{hole.shape[0]}; "
            "pass `resize=True` to scale it"
        )
    return fit_hole(hole, CropBox(0, 0, *hole.shape[::-1]), width, height)


def _transparent_hole(photo: Photo) -> Hole:
    if isinstance(photo.image, Image.Image):
        if photo.image.mode.endswith("A"):
            return np.asarray(photo.image.getchannel("A")) < 128
    elif photo.image.ndim == 3 and photo.image.shape[2] == 4:
        return np.asarray(photo.image[:, :, 3] < 32_768)
    raise InputError(
        f"`Transparency` needs a picture with transparency, got {photo.path} without; give a mask"
    )

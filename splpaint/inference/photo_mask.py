"""What a photograph's mask is: a picture in a file or in memory, the photograph's own transparency, or none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from splpaint.errors import InputError
from splpaint.images import Hole, Photo, read_mask

__all__ = ["MaskBytes", "MaskFile", "NoMask", "PhotoMask", "Transparency", "marked"]


@dataclass(frozen=True)
class MaskFile:
    """A picture of the photograph's size; for a folder of photographs also a folder of such pictures."""

    path: Path


@dataclass(frozen=True)
class MaskBytes:
    """What such a picture's file holds."""

    data: bytes


@dataclass(frozen=True)
class Transparency:
    """What is transparent in the photograph itself is missing."""


@dataclass(frozen=True)
class NoMask:
    """None: boxes alone say what is missing."""


PhotoMask = MaskFile | MaskBytes | Transparency | NoMask


def marked(mask: PhotoMask, photo: Photo, *, invert: bool, resize: bool) -> Hole:
    """Say what a mask marks in a photograph.

    Args:
        mask: Where there is none, nothing is marked, inverted or not.
        photo: The photograph.
        invert: What is black is marked.
        resize: The mask is scaled to the photograph's size by nearest neighbour.

    Returns:
        bool ``(H, W)``, True = missing.

    Raises:
        InputError: The mask cannot be read, its size is another one, or there is no transparency.
    """
    match mask:
        case NoMask():
            return np.zeros(photo.size[::-1], np.bool_)
        case Transparency():
            hole = _transparent(photo)
        case MaskFile(path):
            hole = _fitting(read_mask(path), *photo.size, resize=resize)
        case MaskBytes(data):
            hole = _fitting(read_mask("mask", data), *photo.size, resize=resize)
    return ~hole if invert else hole


def _fitting(hole: Hole, width: int, height: int, *, resize: bool) -> Hole:
    if hole.shape == (height, width):
        return hole
    if not resize:
        raise InputError(
            f"mask must have the image's size {width}x{height}, got {hole.shape[1]}x{hole.shape[0]}; "
            "pass `resize=True` to scale it"
        )
    scaled = Image.fromarray(hole).resize((width, height), Image.Resampling.NEAREST)
    return np.array(scaled, dtype=np.bool_)


def _transparent(photo: Photo) -> Hole:
    if isinstance(photo.image, Image.Image):
        if photo.image.mode.endswith("A"):
            return np.asarray(photo.image.getchannel("A")) < 128
    elif photo.image.ndim == 3 and photo.image.shape[2] == 4:
        return np.asarray(photo.image[:, :, 3] < 32_768)
    raise InputError(
        f"`Transparency` needs a picture with transparency, got {photo.path} without; give a mask"
    )

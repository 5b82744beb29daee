"""Which pixels of a photograph are missing: by a mask file, by boxes, by its own transparency."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.errors import InputError
from splpaint.hole_shapes import dilate
from splpaint.images import Hole, read_mask
from splpaint.photo_files import Photo

__all__ = ["ALPHA", "HoleRules", "find_hole"]

ALPHA = "alpha"
"""Instead of a mask's path: what is transparent in the photograph is missing."""


class HoleRules(NamedTuple):
    """How masks are read.

    Attributes:
        boxes: Each ``X,Y,W,H`` in pixels; missing, too.
        invert: Black is missing.
        resize: Masks are scaled to the picture's size by nearest neighbour.
        dilate_px: The hole grows by so much, round.
    """

    boxes: tuple[str, ...] = ()
    invert: bool = False
    resize: bool = False
    dilate_px: int = 0


def find_hole(photo: Photo, mask: Path | str | None, rules: HoleRules) -> tuple[Photo, Hole]:
    """Say what is to be painted.

    Args:
        photo: The photograph.
        mask: A mask's file, ``alpha``, or None for boxes alone.
        rules: How to read it.

    Returns:
        The photograph, and bool ``(H, W)``, True = missing. With ``alpha`` the photograph has become opaque
        in the hole, so that what is painted there will show.

    Raises:
        InputError: The mask cannot be read, its size is another one, a box lies outside the picture, or
            there is no transparency.
    """
    width, height = photo.size
    hole = np.zeros((height, width), np.bool_)
    if mask is not None:
        marked = _transparent(photo) if mask == ALPHA else _read_fitting(Path(mask), width, height, rules)
        hole |= ~marked if rules.invert else marked
    for text in rules.boxes:
        left, top, wide, tall = _box(text, width, height)
        hole[top : top + tall, left : left + wide] = True
    hole = dilate(hole, rules.dilate_px)
    return (_opaque_in(photo, hole) if mask == ALPHA else photo), hole


def _read_fitting(mask: Path, width: int, height: int, rules: HoleRules) -> Hole:
    hole = read_mask(mask)
    if hole.shape == (height, width):
        return hole
    if not rules.resize:
        raise InputError(
            f"mask must have the image's size {width}x{height}, got {hole.shape[1]}x{hole.shape[0]}; "
            "pass --resize-mask to scale it"
        )
    scaled = Image.fromarray(hole).resize((width, height), Image.Resampling.NEAREST)
    return np.array(scaled, dtype=np.bool_)


def _transparent(photo: Photo) -> Hole:
    if isinstance(photo.image, Image.Image):
        if photo.image.mode.endswith("A"):
            return np.asarray(photo.image.getchannel("A")) < 128
    elif photo.image.ndim == 3 and photo.image.shape[2] == 4:
        return np.asarray(photo.image[:, :, 3] < 32_768)
    raise InputError(f"--mask alpha needs a picture with transparency, got {photo.path} without; give a mask")


def _opaque_in(photo: Photo, hole: Hole) -> Photo:
    if isinstance(photo.image, Image.Image):
        image = photo.image.copy()
        alpha = np.asarray(image.getchannel("A"))
        image.putalpha(Image.fromarray(np.where(hole, np.uint8(255), alpha)))
        return photo._replace(image=image)
    pixels = photo.image.copy()
    pixels[hole, 3] = 65_535
    return photo._replace(image=pixels)


def _box(text: str, width: int, height: int) -> tuple[int, int, int, int]:
    try:
        left, top, wide, tall = (int(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            f"--box must be four whole numbers X,Y,W,H in pixels, got {text[:60]!r}; for example 10,20,64,48"
        ) from error
    if not (0 <= left < left + wide <= width and 0 <= top < top + tall <= height):
        raise InputError(
            f"--box must lie inside the picture of {width}x{height} pixels and not be empty, got {text[:60]}"
            "; X,Y is its upper left corner, W,H its size"
        )
    return left, top, wide, tall

"""The hole of a photo: from a mask, from boxes, from its own transparency."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.errors import InputError
from splpaint.images import WRONG_WAY_ROUND, Growth, Hole, Photo, dilate, growth_px
from splpaint.inference.photo_mask import MaskBytes, MaskFile, PhotoMask, Transparency, marked_hole
from splpaint.notices import tell

__all__ = ["HoleBox", "HoleRules", "check_hole", "find_avoided", "find_hole", "require_known"]

_MUCH = 0.6
_BOX = re.compile(r"\s*,".join([r"\s*([+-]?\d{1,9})"] * 4) + r"\s*", re.ASCII)


class HoleBox(NamedTuple):
    """A rectangle to paint, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> HoleBox:
        """Read ``X,Y,W,H``.

        Raises:
            InputError: It is not of this form, or fits into no picture.
        """
        found = _BOX.fullmatch(text)
        if found is None:
            raise InputError(
                f"`boxes` must be four whole numbers X,Y,W,H in pixels, got {text[:60]!r}; for example 10,20,64,48"
            )
        box = cls(*map(int, found.groups()))
        if box.left < 0 or box.top < 0 or box.width < 1 or box.height < 1:
            raise box._outside("the picture")
        return box

    def mark(self, hole: Hole) -> None:
        """Mark the box as missing in bool ``(H, W)``.

        Raises:
            InputError: It does not lie inside.
        """
        height, width = hole.shape
        if self.left + self.width > width or self.top + self.height > height:
            raise self._outside(f"the picture of {width}x{height} pixels")
        hole[self.top : self.top + self.height, self.left : self.left + self.width] = True

    def _outside(self, picture: str) -> InputError:
        return InputError(
            f"`boxes` must lie inside {picture} and not be empty, got {','.join(map(str, self))}; X,Y is its "
            "upper left corner, W,H its size"
        )


class HoleRules(NamedTuple):
    """How masks are read.

    Attributes:
        boxes: Boxes that are missing besides what the mask marks.
        invert: Whether black is missing instead of white.
        resize: Whether masks are scaled to the photo's size by nearest neighbour.
        dilate: Pixels by which the hole is grown, round, or ``auto``.
    """

    boxes: tuple[HoleBox, ...] = ()
    invert: bool = False
    resize: bool = False
    dilate: Growth = 0


class Found(NamedTuple):
    """The hole of a photo.

    Attributes:
        photo: The photo; with ``Transparency`` it has become opaque in the hole, so that what is painted there shows.
        hole: bool ``(H, W)``, True = missing.
        grown_px: How far it was grown.
    """

    photo: Photo
    hole: Hole
    grown_px: int


def find_hole(photo: Photo, mask: PhotoMask, rules: HoleRules) -> Found:
    """Find the hole of a photo.

    Args:
        photo: The photo.
        mask: Its mask.
        rules: How to read it.

    Raises:
        InputError: The mask cannot be read or has another size, there is no transparency, or a box lies outside the
            photo.
    """
    hole = marked_hole(mask, photo, invert=rules.invert, resize=rules.resize)
    for box in rules.boxes:
        box.mark(hole)
    grown_px = growth_px(hole, rules.dilate)
    hole = dilate(hole, grown_px)
    return Found(_opaque_in(photo, hole) if isinstance(mask, Transparency) else photo, hole, grown_px)


def require_known(hole: Hole) -> None:
    """Refuse a hole that leaves nothing of the picture, with an ``InputError``."""
    if hole.all():
        raise InputError(
            "the mask must leave some of the picture, got one that marks every pixel as missing; "
            f"{WRONG_WAY_ROUND}"
        )


def check_hole(hole: Hole, if_empty: str) -> None:
    """Tell of a hole that is probably not meant so: an empty one, or one of more than 60 %.

    Args:
        hole: bool ``(H, W)``, True = missing.
        if_empty: What an empty one means, for the message.

    Raises:
        InputError: Nothing is known.
    """
    require_known(hole)
    share = float(hole.mean())
    if share == 0:
        tell(f"the mask marks nothing: {if_empty}; {WRONG_WAY_ROUND}")
    elif share > _MUCH:
        tell(
            f"the mask marks {share:.0%} of the picture: more than {_MUCH:.0%} is seldom painted well; "
            f"{WRONG_WAY_ROUND}"
        )


def find_avoided(photo: Photo, avoid: MaskFile | MaskBytes | None, rules: HoleRules) -> Hole | None:
    """Find where nothing is copied from; None: everything may be.

    Args:
        photo: The photo.
        avoid: Marks it, white = avoided.
        rules: Whether it is scaled; nothing else of them concerns it.

    Returns:
        bool ``(H, W)``, True = avoided.

    Raises:
        InputError: The mask cannot be read or has another size.
    """
    if avoid is None:
        return None
    return marked_hole(avoid, photo, invert=False, resize=rules.resize, name="`avoid`")


def _opaque_in(photo: Photo, hole: Hole) -> Photo:
    if isinstance(photo.image, Image.Image):
        image = photo.image.copy()
        alpha = np.asarray(image.getchannel("A"))
        image.putalpha(Image.fromarray(np.where(hole, np.uint8(255), alpha)))
        return photo._replace(image=image)
    pixels = photo.image.copy()
    pixels[hole, 3] = 65_535
    return photo._replace(image=pixels)

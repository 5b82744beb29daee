"""How a photo becomes the pixels of a pair: what of it is seen, at which size, and how it is resized to that."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeVar

from splpaint.errors import InputError, did_you_mean
from splpaint.images import CropBox, Pixels, Resampling, centre_square, resample
from splpaint.masks import MIN_SIDE_PX, Frame

__all__ = ["Preparation", "View", "prepare"]


class View(StrEnum):
    """What of a photo is seen.

    Attributes:
        CENTRE: Its central square, resized to S x S.
        WHOLE: All of it, squeezed to S x S.
        NATIVE: All of it, at its own size and not resized.
    """

    CENTRE = "centre"
    WHOLE = "whole"
    NATIVE = "native"


class Preparation(NamedTuple):
    """The preparation of all pairs of a manifest.

    Attributes:
        view: What is seen.
        resize: How that is resized; None: it is not (``NATIVE``).
        side_px: S; None for ``NATIVE``.
    """

    view: View
    resize: Resampling | None
    side_px: int | None

    @classmethod
    def choose(cls, view: str, resize: str | None, side_px: int | None) -> Preparation:
        """Choose a preparation by the names of its parts; None stands for area and 256, where the view resizes.

        Raises:
            InputError: A name is unknown, the side is less than 16 pixels, or there is one or a filter for ``NATIVE``.
        """
        view = _named(View, view, "a view")
        if view is View.NATIVE:
            if resize is not None or side_px is not None:
                raise InputError(
                    "expected no filter and no side with the view native, which keeps every pixel, got "
                    f"{resize or side_px}; leave it out, or choose the view whole or centre"
                )
            return cls(view, None, None)
        side_px = 256 if side_px is None else side_px
        if side_px < MIN_SIDE_PX:
            raise InputError(
                f"expected a side of at least {MIN_SIDE_PX} pixels, got {side_px}; choose a larger one"
            )
        return cls(view, _named(Resampling, resize or "area", "a filter to resize with"), side_px)

    def frame(self, width: int, height: int) -> Frame:
        """The frame of the mask for a photo of this size."""
        whole = self.view is not View.CENTRE
        if self.side_px is None:
            return Frame(width, height, whole)
        return Frame(self.side_px, self.side_px, whole)


_Name = TypeVar("_Name", bound=StrEnum)


def _named(names: type[_Name], name: str, what: str) -> _Name:
    if name not in set(names):
        raise InputError(f"expected {what} from {', '.join(names)}, got {name!r}{did_you_mean(name, names)}")
    return names(name)


def prepare(pixels: Pixels, view: View, resize: Resampling | None, frame: Frame) -> Pixels:
    """Make the image of a pair.

    Args:
        pixels: uint8 (H,W,3), upright.
        view: What of it is seen.
        resize: How that is resized to the frame; None: it is not.
        frame: The pair's.

    Returns:
        uint8 (height,width,3) of the frame.
    """
    if resize is None:
        return pixels
    height, width = pixels.shape[:2]
    box = centre_square(width, height) if view is View.CENTRE else CropBox(0, 0, width, height)
    return resample(pixels, box, frame.width, frame.height, resize)

"""The hole that a mask marks: a picture or an array in, bool ``(H, W)`` out, True = missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import Hole, Pixels
from splpaint.images.decoding import open_picture, plain_mode, upright
from splpaint.images.mask_colours import whiteness
from splpaint.notices import tell

__all__ = ["WRONG_WAY_ROUND", "as_hole", "mask_levels", "read_mask"]

WRONG_WAY_ROUND = "if black and white are the wrong way round, invert the mask (`HoleRules.invert`)"
"""What to do about a mask that marks nearly everything, or nothing."""

_MANY_GREY = 0.2


def read_mask(path: str | Path, data: bytes | None = None) -> Hole:
    """Read a mask file (turned upright by its EXIF orientation) by the rules of ``as_hole``.

    Args:
        path: The file.
        data: The file's bytes, instead of reading it; ``path`` then only names it in messages.

    Raises:
        InputError: The file cannot be read as an 8-bit picture or is no mask.
    """
    try:
        return as_hole(upright(open_picture(path, data)))
    except InputError as error:
        raise InputError(str(error) if str(path) in str(error) else f"{path}: {error}") from error


def as_hole(mask: Image.Image | NDArray[np.generic]) -> Hole:
    """The pixels that a mask marks as missing: white, 1 or True = missing.

    Args:
        mask: bool ``(H, W)``; uint8 ``(H, W)``, above 127 = missing; float ``(H, W)`` in [0, 1], above 0.5 =
            missing; uint8 ``(H, W, 3)`` or ``(H, W, 4)``, luminance times alpha above 127 = missing, or,
            if all that is visible has one colour and alpha varies, what is opaque; with any hue, everything but the
            ground, as ``mask_colours.py`` finds it; or a PIL image in any 8-bit mode.

    Returns:
        bool ``(H, W)``. A ``PictureWarning`` tells of grey levels, of colours, and of a mask read from its alpha.

    Raises:
        InputError: It has another type or shape, is uint8 of 0 and 1 only, is float and outside [0, 1], or has colours
            on no ground.
    """
    if isinstance(mask, Image.Image):
        return _bright(mask_levels(mask))
    if not isinstance(mask, np.ndarray):
        raise InputError(
            f"mask must be a PIL picture or an array, got {type(mask).__name__}; open or convert it first"
        )
    if mask.ndim == 3 and mask.shape[2] == 1:
        mask = mask[:, :, 0]
    if mask.ndim == 2 and mask.dtype == np.bool_:
        return np.array(mask, dtype=np.bool_)
    if mask.ndim == 2 and mask.dtype == np.uint8:
        return _bright(mask.astype(np.uint8))
    if mask.ndim == 2 and np.issubdtype(mask.dtype, np.floating):
        return _likely(mask.astype(np.float64))
    if mask.ndim == 3 and mask.shape[2] in {3, 4} and mask.dtype == np.uint8:
        return _bright(whiteness(mask.astype(np.uint8)))
    raise InputError(
        "mask must be bool, uint8 or float (H, W), or uint8 (H, W, 3) or (H, W, 4), "
        f"got {mask.dtype} {mask.shape}; convert it, white = missing"
    )


def mask_levels(mask: Image.Image) -> Pixels:
    """Say how white each pixel of a mask is: what ``as_hole`` compares with 127.

    Args:
        mask: A PIL image in any 8-bit mode.

    Returns:
        uint8 ``(H, W)``.
    """
    pixels = np.asarray(plain_mode(mask))  # L, LA, RGB or RGBA; 1 bit becomes 0 and 255
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] == 2:  # LA => RGBA
        pixels = pixels[:, :, [0, 0, 0, 1]]
    return whiteness(pixels)


def _bright(levels: Pixels) -> Hole:
    if levels.max(initial=0) == 1:
        raise InputError(
            "a mask must use 0 and 255, got 0 and 1, which would mean an empty mask; make what is 1 white (in "
            "Python multiply it by 255, or give it as bool)"
        )
    _warn_about_grey(int(np.count_nonzero((levels != 0) & (levels != 255))), levels.size)
    return levels > 127


def _likely(share: NDArray[np.float64]) -> Hole:
    # A NaN fails the comparisons, too.
    if not bool(np.all((share >= 0) & (share <= 1))):
        raise InputError("a float mask must lie in [0, 1], got other values; scale it or give it as bool")
    _warn_about_grey(int(np.count_nonzero((share != 0) & (share != 1))), share.size)
    return share > 0.5


def _warn_about_grey(grey_pixels: int, pixels: int) -> None:
    if grey_pixels:
        many = grey_pixels > _MANY_GREY * pixels
        hint = "; is it a photograph? Its transparent parts are painted with `Transparency`" if many else ""
        tell(
            f"the mask is not black and white: {grey_pixels} of {pixels} pixels are grey; what is brighter "
            f"than the middle is taken as missing{hint}"
        )

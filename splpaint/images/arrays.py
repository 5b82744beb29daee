"""Images as arrays: uint8 or uint16 ``(H, W, 3)`` RGB outside, float32 ``(3, H, W)`` in [0, 1] inside."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.images.decoding import open_rgb

__all__ = [
    "Deep",
    "Hole",
    "Pixels",
    "Planes",
    "composite",
    "read_rgb",
    "resize_levels",
    "to_pixels",
    "to_planes",
]

Pixels = NDArray[np.uint8]

Deep = NDArray[np.uint16]

Planes = NDArray[np.float32]

Hole = NDArray[np.bool_]

_Level = TypeVar("_Level", np.uint8, np.uint16)


def to_planes(pixels: Pixels | Deep) -> Planes:
    """Convert an image to a network's input.

    Args:
        pixels: uint8 or uint16 ``(H, W, 3)`` RGB.

    Returns:
        float32 ``(3, H, W)`` in [0, 1].
    """
    # uint8 or uint16 HWC RGB => float32 (3,H,W) in [0,1]
    full = np.float32(np.iinfo(pixels.dtype).max)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32) / full


def to_pixels(planes: Planes, kind: type[_Level] = np.uint8) -> NDArray[_Level]:  # type: ignore[assignment]
    """Convert a network's output to an image: clipped to [0, 1] and rounded, not truncated.

    Args:
        planes: float32 ``(3, H, W)``; values outside [0, 1] are clipped.
        kind: uint8 or uint16.

    Returns:
        ``kind`` ``(H, W, 3)`` RGB. ``to_pixels(to_planes(pixels), kind)`` is ``pixels``.
    """
    levels = np.rint(np.clip(planes, 0, 1) * np.float32(np.iinfo(kind).max)).astype(kind)
    return np.ascontiguousarray(levels.transpose(1, 2, 0))  # float32 (3,H,W) => uint8 or uint16 (H,W,3)


def composite(painted: NDArray[_Level], image: NDArray[_Level], hole: Hole) -> NDArray[_Level]:
    """Take the hole from ``painted`` and every other pixel, bit for bit, from ``image``.

    Args:
        painted: Of the type and shape of ``image``.
        image: uint8 or uint16 ``(H, W)`` or ``(H, W, C)``.
        hole: bool ``(H, W)``, True = missing.
    """
    return np.where(hole if image.ndim == 2 else hole[:, :, None], painted, image)


def resize_levels(
    image: NDArray[_Level], width: int, height: int, resampling: Image.Resampling
) -> NDArray[_Level]:
    """Resize an image of 8 or 16 bits.

    Args:
        image: uint8 or uint16 ``(H, W, 3)`` RGB.
        width: In pixels.
        height: In pixels.
        resampling: One of Pillow's methods.

    Returns:
        The same type, ``(height, width, 3)``, rounded.
    """
    if image.dtype == np.uint8:
        return np.asarray(Image.fromarray(image).resize((width, height), resampling), dtype=image.dtype)
    resized = np.empty((height, width, image.shape[2]), image.dtype)
    for channel in range(image.shape[2]):  # Pillow resizes 16-bit colours only as one float image each
        plane = Image.fromarray(image[:, :, channel].astype(np.float32))
        levels = np.rint(np.asarray(plane.resize((width, height), resampling)))
        resized[:, :, channel] = np.clip(levels, 0, np.iinfo(image.dtype).max)
    return resized


def read_rgb(path: str | Path, data: bytes | None = None) -> Pixels:
    """Read a picture file as a viewer shows it: upright, in RGB, as ``open_rgb`` converts it.

    Args:
        path: The file.
        data: The file's bytes, instead of reading it; ``path`` then only names it in messages.

    Returns:
        uint8 ``(H, W, 3)``.

    Raises:
        InputError: The file is missing, unreadable, truncated, over 100 megapixels, animated or not 8-bit.
    """
    return np.asarray(open_rgb(path, data))

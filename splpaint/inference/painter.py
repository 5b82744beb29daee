"""The painter of arrays: an array and a hole in, the array with its hole painted out (``inpainter.py``: files, PIL)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.errors import InputError, SizeMismatchError
from splpaint.images import WRONG_WAY_ROUND, Hole, feather
from splpaint.inference.any_size import paint_any_size
from splpaint.inference.engines import Engine
from splpaint.inference.hole_rules import check_hole
from splpaint.inference.models import ModelFiles
from splpaint.notices import tell

__all__ = ["Painter", "Progress", "require_size"]

Progress = Callable[[int, int], None]
"""Called with the numbers of steps done and of all."""


class Painter:
    """Paints arrays with one model; may be called from many threads at once.

    Args:
        files: The model.
        engine: Runs it.
        texture: Fill thick holes from the rest of the image, if the model asks for it.

    Attributes:
        model: Name of the model.
        engine: What runs it, for example ``OpenVINO CPU``.
        precision: ``fp32`` or ``bf16``: what it runs in.
    """

    def __init__(self, files: ModelFiles, engine: Engine, *, texture: bool = True) -> None:
        self.model = files.name
        self.engine = engine.name
        self.precision = engine.precision
        self._run = engine
        self._working_size_px = files.working_size_px
        self._size_multiple = files.size_multiple
        self._texture = texture and files.copied_texture

    def __call__(
        self,
        pixels: NDArray[Any],
        hole: Hole,
        *,
        avoid: Hole | None = None,
        feather_px: int = 0,
        progress: Progress | None = None,
    ) -> NDArray[Any]:
        """Paint; known pixels, and alpha everywhere, come back bit for bit.

        Args:
            pixels: uint8 or uint16 ``(H, W)`` grey, ``(H, W, 2)`` grey and alpha, ``(H, W, 3)`` RGB or
                ``(H, W, 4)`` RGBA; not changed.
            hole: bool ``(H, W)``, True = missing.
            avoid: bool ``(H, W)``, True = nothing is copied from here.
            feather_px: Pixels at the hole's edge over which the painting is blended with ``pixels``.
            progress: Called after each step.

        Returns:
            A new array of the same type and shape.

        Raises:
            InputError: The sizes differ, nothing is known, or all that is known is to be avoided.

        A ``PictureWarning`` tells of a hole that is empty or larger than 60 %, and of ``avoid`` without texture.
        """
        require_size(pixels.shape[1], pixels.shape[0], hole)
        check_hole(hole, "the picture stays as it is")
        if avoid is not None:
            self._check_avoided(avoid, hole)
        grey = pixels.ndim == 2 or pixels.shape[2] == 2
        colours = pixels.reshape(*hole.shape, -1)[:, :, :1] if grey else pixels[:, :, :3]
        rgb = np.broadcast_to(colours, (*hole.shape, 3))
        painted = paint_any_size(
            self._run,
            rgb,
            hole,
            working_size_px=self._working_size_px,
            size_multiple=self._size_multiple,
            texture=self._texture,
            avoid=avoid,
            progress=progress,
        )
        if feather_px:
            painted = feather(painted, rgb, hole, feather_px)
        if pixels.ndim == 3 and pixels.shape[2] == 3:
            return painted
        if grey:
            painted = _grey_of(painted)
        whole = pixels.reshape(*hole.shape, -1).copy()
        np.copyto(whole[:, :, : painted.shape[2]], painted, where=hole[:, :, None])
        return whole.reshape(pixels.shape)

    def _check_avoided(self, avoid: Hole, hole: Hole) -> None:
        require_size(hole.shape[1], hole.shape[0], avoid, "`avoid`")
        if (hole | avoid).all():
            raise InputError(
                f"`avoid` must leave some of the picture to copy from, got one that marks all of it; {WRONG_WAY_ROUND}"
            )
        if not self._texture:
            tell("`avoid` has no influence: the network paints alone, and nothing is copied")


def require_size(width: int, height: int, hole: Hole, name: str = "mask") -> None:
    """Refuse a hole of another size than the image's, and an image without pixels, with an ``InputError``."""
    if hole.shape != (height, width):
        raise SizeMismatchError(
            f"{name} must have the image's size {width}x{height}, got {hole.shape[1]}x{hole.shape[0]}; scale "
            "it by nearest neighbour, or take the one made for this image"
        )
    if hole.size == 0:
        raise InputError(f"image must have at least one pixel, got {width}x{height}")


def _grey_of(rgb: NDArray[Any]) -> NDArray[Any]:
    # (H,W,3) => (H,W,1): luminance by ITU-R 601-2, as Pillow's
    if rgb.dtype == np.uint8:
        return np.asarray(Image.fromarray(rgb).convert("L"), dtype=rgb.dtype)[:, :, None]
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    grey = np.empty((*rgb.shape[:2], 1), rgb.dtype)
    for row, colours in zip(grey, rgb, strict=True):  # row by row: floats take several times the memory
        row[:, 0] = np.rint(colours.astype(np.float32) @ weights)
    return grey

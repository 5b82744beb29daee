"""The painter: a picture and a mask in, the picture with its missing parts painted out."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.decoding import PictureWarning, plain_mode
from splpaint.errors import InputError
from splpaint.images import Hole, Pixels, as_hole, composite
from splpaint.inference.any_size import paint_any_size
from splpaint.inference.engines import Engine, OpenVINOEngine
from splpaint.inference.models import ModelFiles, find_model

__all__ = ["Inpainter", "load_inpainter"]

_Picture = TypeVar("_Picture", Image.Image, Pixels)
_MUCH = 0.6


def load_inpainter(model: str | Path = "compact", *, precision: str = "auto") -> Inpainter:
    """Load a model once, for any number of pictures.

    Args:
        model: Name of a bundled model, or a model folder.
        precision: ``fp32``, ``bf16``, or ``auto``: bf16 where the CPU has AMX tiles, fp32 elsewhere.

    Raises:
        ModelError: No such model, or its files are missing or damaged.
        InputError: The precision is unknown, or the CPU has no bfloat16.
    """
    files = find_model(model)
    return Inpainter(files, OpenVINOEngine(files.onnx, precision=precision))


class Inpainter:
    """Paints pictures with one model; may be called from many threads at once.

    Attributes:
        model: Name of the model.
        engine: What runs it, for example ``OpenVINO CPU``.
        precision: ``fp32`` or ``bf16``: what it really runs in.
    """

    def __init__(self, files: ModelFiles, engine: Engine) -> None:
        self.model = files.name
        self.engine = engine.name
        self.precision = engine.precision
        self._run = engine
        self._working_size_px = files.working_size_px

    def __call__(self, image: _Picture, mask: Image.Image | NDArray[np.generic]) -> _Picture:
        """Paint what the mask marks; every other pixel, and alpha everywhere, comes back bit for bit.

        Args:
            image: A PIL picture, or uint8 ``(H, W)`` grey, ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA. A PIL
                picture is taken as stored, not turned by its EXIF orientation.
            mask: Of the image's size, white = paint; ``splpaint.images.as_hole`` tells what is understood.

        Returns:
            What went in: an array of the same shape, or a picture of the same size, mode and ``info``. Modes
            that cannot hold new colours become plain ones: P gives RGB (RGBA with transparency), 1 gives L,
            CMYK gives RGB. An empty mask gives a copy. A ``PictureWarning`` tells of a mask that marks
            nothing or more than 60 %.

        Raises:
            InputError: The image or mask is of another type, their sizes differ, or nothing is known.
        """
        if isinstance(image, Image.Image):
            plain = plain_mode(image)
            painted = Image.fromarray(self._paint(np.asarray(plain), as_hole(mask)))
            painted.info = {key: value for key, value in image.info.items() if key != "transparency"}
            return painted
        if not _is_pixels(image):
            raise InputError(
                "image must be a PIL picture or a uint8 array (H, W), (H, W, 3) or (H, W, 4), "
                f"got {_kind(image)}; convert it"
            )
        return self._paint(image, as_hole(mask))

    def _paint(self, pixels: Pixels, hole: Hole) -> Pixels:
        # uint8 (H,W), (H,W,2) grey and alpha, (H,W,3) or (H,W,4) => the same
        _require_fit(pixels, hole)
        grey = pixels.ndim == 2 or pixels.shape[2] == 2
        colours = pixels.reshape(*hole.shape, -1)[:, :, :1] if grey else pixels[:, :, :3]
        rgb = np.ascontiguousarray(np.broadcast_to(colours, (*hole.shape, 3)))
        painted = paint_any_size(self._run, rgb, hole, working_size_px=self._working_size_px)
        if grey:
            painted = np.asarray(Image.fromarray(painted).convert("L"))[:, :, None]
        whole = pixels.reshape(*hole.shape, -1).copy()
        whole[:, :, : painted.shape[2]] = composite(painted, colours, hole)
        return whole.reshape(pixels.shape)


def _is_pixels(image: object) -> bool:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        return False
    return image.ndim == 2 or (image.ndim == 3 and image.shape[2] in {3, 4})


def _require_fit(pixels: Pixels, hole: Hole) -> None:
    height, width = pixels.shape[:2]
    if hole.shape != (height, width):
        raise InputError(
            f"mask must have the image's size {width}x{height}, got {hole.shape[1]}x{hole.shape[0]}; scale "
            "it by nearest neighbour, or take the one made for this image"
        )
    if hole.size == 0:
        raise InputError(f"image must have at least one pixel, got {width}x{height}")
    share = float(hole.mean())
    if share == 0:
        warnings.warn("the mask marks nothing: the picture stays as it is", PictureWarning, stacklevel=4)
    elif _MUCH < share < 1:
        warnings.warn(
            f"the mask marks {share:.0%} of the picture: more than {_MUCH:.0%} is seldom painted well; "
            "if it is the wrong way round, invert it",
            PictureWarning,
            stacklevel=4,
        )


def _kind(image: object) -> str:
    return f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__

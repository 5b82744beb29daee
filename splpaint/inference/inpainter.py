"""The painter of pictures: a picture and a mask in, the picture with its missing parts painted out."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.errors import InputError, SplpaintError
from splpaint.images import (
    Deep,
    Growth,
    Hole,
    Photo,
    Pixels,
    as_hole,
    choose_format,
    plain_mode,
    read_mask,
    read_photo,
    require_growth,
)
from splpaint.images import dilate as dilate_hole
from splpaint.inference.engines import Engine, open_engine, require_known
from splpaint.inference.models import ModelFiles, find_model
from splpaint.inference.paint_photo import encode_painted, paint_photo
from splpaint.inference.painter import Painter, Progress, require_size
from splpaint.parallel import ordered_map
from splpaint.precision import PrecisionChoice

__all__ = ["Inpainter", "check_model", "load_inpainter"]

_Path = str | PathLike[str]
_Picture = TypeVar("_Picture", bound=Image.Image | Pixels | Deep | bytes)
_Mask = Image.Image | NDArray[np.generic] | bytes | _Path


def load_inpainter(
    model: str | Path = "compact",
    *,
    precision: PrecisionChoice = "auto",
    device: str = "auto",
    many_at_once: bool = False,
    threads: int | None = None,
    texture: bool = True,
) -> Inpainter:
    """Load a model once, for any number of pictures.

    Args:
        model: Name of a bundled or an added model, or a model folder.
        precision: ``fp32``, ``bf16``, or ``auto``: bf16 where the CPU has AMX tiles, fp32 elsewhere.
        device: ``auto`` or ``cpu``: the CPU; ``gpu``: an Intel GPU; ``cuda``, ``cuda:1`` ... or ``mps``: with
            torch. No other device is used instead; ``Inpainter.engine`` says what runs.
        many_at_once: Use the cores for several pictures at once instead of for one: more pictures a second through
            ``many`` or threads, but each takes longer.
        threads: How many the network computes with on a CPU; None: one for each usable core.
        texture: If the model's ``config.json`` says so (``compact``'s does), fill holes thicker than 28 pixels, which
            the network leaves smooth, with the picture's own texture, and give thin ones the finest detail of their
            surroundings. Without it every pixel is the network's: closer to the truth on average, and what to measure
            the network by.

    Raises:
        ModelError: No such model, or its files are missing or damaged.
        InputError: The precision is unknown or the device lacks it; the device is unknown or missing.
        MissingExtraError: The device needs torch, which is not installed.
    """
    files = find_model(model)
    engine = open_engine(
        files, device=device, precision=precision, many_at_once=many_at_once, threads=threads
    )
    return Inpainter(files, engine, texture=texture)


def check_model(model: str | Path, *, precision: PrecisionChoice = "auto", device: str = "auto") -> None:
    """Refuse what ``load_inpainter`` would refuse, if that can be seen without loading anything.

    Args:
        model: Name of a bundled or an added model, or a model folder.
        precision: ``fp32``, ``bf16`` or ``auto``.
        device: ``auto``, ``cpu``, ``gpu``, ``cuda`` ...

    Raises:
        ModelError: No such model, or its files are missing or damaged.
        InputError: The precision or the device is unknown.
    """
    find_model(model)
    require_known(device=device, precision=precision)


class Inpainter:
    """Paints pictures with one model; may be called from many threads at once.

    Attributes:
        model: Name of the model.
        engine: What runs it, for example ``OpenVINO CPU``.
        painter: The same for arrays and holes alone.
        precision: ``fp32`` or ``bf16``: what it runs in.
    """

    def __init__(self, files: ModelFiles, engine: Engine, *, texture: bool = True) -> None:
        self.painter = Painter(files, engine, texture=texture)
        self.model, self.engine, self.precision = files.name, engine.name, engine.precision

    @overload
    def __call__(
        self,
        image: _Path,
        mask: _Mask,
        *,
        avoid: _Mask | None = None,
        dilate: Growth = 0,
        feather: int = 0,
        accept_damaged: bool = False,
        progress: Progress | None = None,
    ) -> Image.Image: ...

    @overload
    def __call__(
        self,
        image: _Picture,
        mask: _Mask,
        *,
        avoid: _Mask | None = None,
        dilate: Growth = 0,
        feather: int = 0,
        accept_damaged: bool = False,
        progress: Progress | None = None,
    ) -> _Picture: ...

    def __call__(
        self,
        image: Any,
        mask: _Mask,
        *,
        avoid: _Mask | None = None,
        dilate: Growth = 0,
        feather: int = 0,
        accept_damaged: bool = False,
        progress: Progress | None = None,
    ) -> Any:
        """Paint what the mask marks; every other pixel, and alpha everywhere, comes back bit for bit.

        Args:
            image: A PIL image, or uint8 or uint16 ``(H, W)`` grey, ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA; or the
                path of a photo, or its ``bytes``. A photo is turned upright by its EXIF orientation, a PIL image is
                taken as stored.
            mask: Of the image's size, white = paint, in any form that ``splpaint.images.as_hole`` understands; or a
                path or ``bytes``.
            avoid: A mask in the same forms, white = nothing is copied from here: thick holes are filled, and thin ones
                given detail, from the rest of the picture. The network sees what is there all the same.
            dilate: Pixels by which the hole is grown, round, up to 512; ``auto``: by what suits masks of things, 6 to
                24 by their size (``splpaint.images.growth_px``).
            feather: Pixels at the hole's edge, up to 512, over which the painting is blended with what the image
                holds there: inside the hole only, so best with a ``dilate`` as large.
            accept_damaged: Paint what can be decoded of a damaged photo (a path or ``bytes``).
            progress: Called after each crop of the picture with the numbers of crops done and of all.

        Returns:
            The same kind of image: an array of the same type and shape, or a PIL image of the same size, mode and
            ``info``. Modes that cannot hold new colours become plain ones: P gives RGB (RGBA with transparency), 1
            gives L, CMYK gives RGB. An empty mask gives a copy.

            For ``bytes``, the ``bytes`` of the file that ``splpaint paint`` would write: in the same format,
            with metadata, 16 bits and a JPEG's tables kept. For a path, a PIL picture in the mode L, LA, RGB,
            RGBA or I;16 with colour profile, EXIF data and resolution in ``info``.

            A ``PictureWarning`` tells of a mask that marks nothing or more than 60 %.

        Raises:
            InputError: The image or mask is of another type or cannot be read, their sizes differ, or nothing
                is known; or a path leads to 16-bit colours, which a PIL image cannot hold.
        """
        if dilate != "auto":
            require_growth("dilate", dilate)
        require_growth("feather", feather)
        hole, avoided = _hole_of(mask), None if avoid is None else _hole_of(avoid)
        if isinstance(image, bytes):
            photo = read_photo("image", image, accept_damaged=accept_damaged)
            return self._paint_bytes(photo, hole, avoided, dilate, feather, progress)
        if isinstance(image, str | PathLike):
            image = _read_as_pil(Path(image), accept_damaged=accept_damaged)
        pixels = _pixels_of(image)
        require_size(pixels.shape[1], pixels.shape[0], hole)
        painted = self.painter(
            pixels, dilate_hole(hole, dilate), avoid=avoided, feather_px=feather, progress=progress
        )
        if not isinstance(image, Image.Image):
            return painted
        return _with_info(Image.fromarray(painted), image.info, without="transparency")

    @overload
    def many(
        self,
        pairs: Iterable[tuple[_Path, _Mask]],
        *,
        dilate: Growth = 0,
        feather: int = 0,
        accept_damaged: bool = False,
    ) -> Generator[Image.Image | SplpaintError, None, None]: ...

    @overload
    def many(
        self,
        pairs: Iterable[tuple[_Picture, _Mask]],
        *,
        dilate: Growth = 0,
        feather: int = 0,
        accept_damaged: bool = False,
    ) -> Generator[_Picture | SplpaintError, None, None]: ...

    def many(
        self,
        pairs: Iterable[tuple[Any, _Mask]],
        *,
        dilate: Growth = 0,
        feather: int = 0,
        accept_damaged: bool = False,
    ) -> Generator[Any, None, None]:
        """Paint many pictures, several at once, in order.

        Args:
            pairs: Images and masks in the forms that a call takes; they are taken as needed, a few ahead.
            dilate: Pixels by which holes are grown, round, up to 512, or ``auto``.
            feather: Pixels at the holes' edges, up to 512, over which the painting is blended with the image.
            accept_damaged: Paint what can be decoded of damaged photos (paths or ``bytes``).

        Yields:
            For every pair what a call would return, or the ``SplpaintError`` that it would raise, so that one bad
            pair does not end the rest. Other exceptions are raised.
        """

        def one(pair: tuple[Any, _Mask]) -> Any:
            try:
                return self(*pair, dilate=dilate, feather=feather, accept_damaged=accept_damaged)
            except SplpaintError as error:
                return error

        yield from ordered_map(one, pairs)

    def _paint_bytes(
        self,
        photo: Photo,
        hole: Hole,
        avoid: Hole | None,
        dilate: Growth,
        feather: int,
        progress: Progress | None,
    ) -> bytes:
        require_size(*photo.size, hole)
        hole, format = dilate_hole(hole, dilate), choose_format(photo)
        photo = paint_photo(
            lambda: self.painter, photo, hole, avoid=avoid, feather_px=feather, progress=progress
        )
        return encode_painted(photo, hole, format)


def _hole_of(mask: Any) -> Hole:
    if isinstance(mask, bytes):
        return read_mask("mask", mask)
    return read_mask(Path(mask)) if isinstance(mask, str | PathLike) else as_hole(mask)


def _read_as_pil(path: Path, *, accept_damaged: bool) -> Image.Image:
    photo = read_photo(path, accept_damaged=accept_damaged)
    if not isinstance(photo.image, Image.Image) and photo.image.ndim > 2:
        raise InputError(
            f"{path} has colours of 16 bits, which a PIL picture cannot hold; give its bytes, path.read_bytes(), "
            "and get those of the painted file back"
        )
    image = photo.image if isinstance(photo.image, Image.Image) else Image.fromarray(photo.image)
    return _with_info(image, photo.metadata, without="text")


def _with_info(image: Image.Image, info: Mapping[Any, Any], *, without: str) -> Image.Image:
    image.info = {key: value for key, value in info.items() if key != without}
    return image


def _pixels_of(image: Any) -> NDArray[Any]:
    if isinstance(image, Image.Image):
        deep = image.mode.startswith("I;16")
        return np.asarray(image).astype(np.uint16) if deep else np.asarray(plain_mode(image))
    levels = isinstance(image, np.ndarray) and image.dtype in (np.uint8, np.uint16)
    if levels and (image.ndim == 2 or (image.ndim == 3 and image.shape[2] in {3, 4})):
        pixels: NDArray[Any] = image
        return pixels
    raise InputError(
        "image must be a PIL picture, a path, bytes, or a uint8 or uint16 array (H, W), (H, W, 3) or (H, W, 4), "
        f"got {_kind(image)}; convert it"
    )


def _kind(image: object) -> str:
    return f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__

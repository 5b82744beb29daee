"""A photograph's whole way: read, its hole found, painted, encoded, written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.images import (
    WRONG_WAY_ROUND,
    Format,
    Hole,
    Photo,
    encode_photo,
    original_bytes,
    read_photo,
    require_file,
)
from splpaint.inference.hole_rules import HoleRules, find_hole
from splpaint.inference.outputs import MaskOutput, Output, Target
from splpaint.inference.painter import Painter, Progress
from splpaint.inference.photo_mask import PhotoMask
from splpaint.notices import tell

__all__ = ["PaintOptions", "Painted", "encoded", "paint_file", "painted_photo"]


class PaintOptions(NamedTuple):
    """How photographs are painted, the same for all of a batch.

    Attributes:
        rules: How masks are read.
        feather_px: Blend the painting over so many pixels at the hole's edge with what the photograph holds there.
        quality: As for ``encode_photo``.
        accept_damaged: As for ``read_photo``.
    """

    rules: HoleRules = HoleRules()
    feather_px: int = 0
    quality: int | None = None
    accept_damaged: bool = False


class Painted(NamedTuple):
    """A photograph that has been written.

    Attributes:
        target: Where it went, in which format.
        hole: bool ``(H, W)``, True = painted.
    """

    target: Target
    hole: Hole


def paint_file(
    painter: Callable[[], Painter],
    photo: Path,
    mask: PhotoMask,
    output: Output,
    options: PaintOptions,
    *,
    data: bytes | None = None,
    save_mask: MaskOutput | None = None,
    progress: Progress | None = None,
) -> Painted:
    """Paint a photograph; what cannot be written is refused before anything is painted.

    Args:
        painter: Gives the painter; not called for an empty hole.
        photo: The file.
        mask: What is to be painted; boxes are among the options.
        output: Where the painted photograph goes.
        options: How it is painted.
        data: What the file holds, if it is not to be read; ``photo`` then only names it.
        save_mask: Where a picture of the hole goes.
        progress: As for the painter.

    Raises:
        InputError: The photograph or the mask cannot be read, does not fit, or leaves nothing known; the output or the
            mask's picture cannot be written.
    """
    if data is None:
        require_file(photo)  # its own name may be what is wrong, before the output's
    output.check()
    if save_mask:
        save_mask.check()
    original, hole = find_hole(
        read_photo(photo, data, accept_damaged=options.accept_damaged), mask, options.rules
    )
    target = output.choose(original)
    if save_mask:
        save_mask.check(target)
    # Under the same name, so that the memory of the original is free before the painted one is encoded.
    original = painted_photo(painter, original, hole, feather_px=options.feather_px, progress=progress)
    target.write(encoded(original, hole, target.format, quality=options.quality))
    if save_mask:
        save_mask.write(hole)
    return Painted(target, hole)


def painted_photo(
    painter: Callable[[], Painter],
    photo: Photo,
    hole: Hole,
    *,
    feather_px: int = 0,
    progress: Progress | None = None,
) -> Photo:
    """Paint the hole of a photograph; with an empty one it is returned as it is.

    Args:
        painter: Gives the painter; not called for an empty hole.
        photo: The photograph.
        hole: bool ``(H, W)``, True = missing.
        feather_px: As for the painter.
        progress: As for the painter.

    Raises:
        InputError: Nothing is known.
    """
    if not hole.any():
        tell(f"the mask marks nothing: the picture is copied; {WRONG_WAY_ROUND}")
        return photo
    pixels = painter()(np.asarray(photo.image), hole, feather_px=feather_px, progress=progress)
    return photo._replace(image=Image.fromarray(pixels) if isinstance(photo.image, Image.Image) else pixels)


def encoded(photo: Photo, hole: Hole, format: Format, *, quality: int | None = None) -> bytes:
    """Encode a painted photograph; one with an empty hole is its own file, byte for byte if it can be.

    Args:
        photo: From ``painted_photo``.
        hole: What was painted.
        format: The one to write.
        quality: As for ``encode_photo``.

    Raises:
        InputError: The format cannot hold the picture.
    """
    if not hole.any():
        return original_bytes(photo, format)
    return encode_photo(photo, photo.image, format, quality=quality)

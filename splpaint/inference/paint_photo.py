"""The whole way of a photo: it is read, its hole found, painted, encoded, written."""

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
from splpaint.inference.hole_rules import HoleRules, find_avoided, find_hole
from splpaint.inference.outputs import MaskOutput, Output, Target
from splpaint.inference.painter import Painter, Progress
from splpaint.inference.photo_mask import MaskBytes, MaskFile, PhotoMask
from splpaint.notices import tell

__all__ = ["PaintOptions", "Painted", "encode_painted", "paint_file", "paint_photo"]


class PaintOptions(NamedTuple):
    """How photos are painted, the same for all of a batch.

    Attributes:
        rules: How masks are read.
        feather_px: Pixels at the hole's edge over which the painting is blended with the photo.
        quality: 1 to 100, for formats that lose some detail; None: the photo's own settings.
        accept_damaged: Paint what can be decoded of a damaged photo.
    """

    rules: HoleRules = HoleRules()
    feather_px: int = 0
    quality: int | None = None
    accept_damaged: bool = False


class Painted(NamedTuple):
    """A photo that has been written.

    Attributes:
        target: Where it went, in which format.
        hole: bool ``(H, W)``, True = painted.
        grown_px: How far the hole was grown.
    """

    target: Target
    hole: Hole
    grown_px: int = 0


def paint_file(
    painter: Callable[[], Painter],
    photo: Path,
    mask: PhotoMask,
    output: Output,
    options: PaintOptions,
    *,
    avoid: MaskFile | MaskBytes | None = None,
    data: bytes | None = None,
    save_mask: MaskOutput | None = None,
    progress: Progress | None = None,
) -> Painted:
    """Paint a photo; what cannot be written is refused before anything is painted.

    Args:
        painter: Returns the painter; not called for an empty hole.
        photo: The file.
        mask: Its mask; boxes are among the options.
        output: Where the painted photo goes.
        options: How it is painted.
        avoid: Marks where nothing is copied from; of the photo's size, as the mask.
        data: The file's bytes, instead of reading it; ``photo`` then only names it.
        save_mask: Where a mask of what was painted goes.
        progress: Called after each step with the numbers of steps done and of all.

    Raises:
        InputError: The photo or the mask cannot be read, the mask does not fit or leaves nothing known, or the output
            or the saved mask cannot be written.
    """
    if data is None:
        require_file(photo)  # its own name may be what is wrong, before the output's
    output.check()
    if save_mask:
        save_mask.check()
    original = read_photo(photo, data, accept_damaged=options.accept_damaged)
    avoided = find_avoided(original, avoid, options.rules)
    original, hole, grown_px = find_hole(original, mask, options.rules)
    target = output.choose(original)
    if save_mask:
        save_mask.check(target)
    # Under the same name, so that the memory of the original is free before the painted one is encoded.
    original = paint_photo(
        painter, original, hole, avoid=avoided, feather_px=options.feather_px, progress=progress
    )
    target.write(encode_painted(original, hole, target.format, quality=options.quality))
    if save_mask:
        save_mask.write(hole)
    return Painted(target, hole, grown_px)


def paint_photo(
    painter: Callable[[], Painter],
    photo: Photo,
    hole: Hole,
    *,
    avoid: Hole | None = None,
    feather_px: int = 0,
    progress: Progress | None = None,
) -> Photo:
    """Paint the hole of a photo; with an empty one it is returned as it is.

    Args:
        painter: Returns the painter; not called for an empty hole.
        photo: The photo.
        hole: bool ``(H, W)``, True = missing.
        avoid: bool ``(H, W)``, True = nothing is copied from here.
        feather_px: Pixels at the hole's edge over which the painting is blended with the photo.
        progress: Called after each step with the numbers of steps done and of all.

    Raises:
        InputError: Nothing is known, or all that is known is to be avoided.
    """
    if not hole.any():
        tell(f"the mask marks nothing: the picture is copied; {WRONG_WAY_ROUND}")
        return photo
    pixels = painter()(np.asarray(photo.image), hole, avoid=avoid, feather_px=feather_px, progress=progress)
    return photo._replace(image=Image.fromarray(pixels) if isinstance(photo.image, Image.Image) else pixels)


def encode_painted(photo: Photo, hole: Hole, format: Format, *, quality: int | None = None) -> bytes:
    """Encode a painted photo; one with an empty hole stays its own file, byte for byte if the format allows.

    Args:
        photo: From ``paint_photo``.
        hole: bool ``(H, W)``, True = painted.
        format: The format to write.
        quality: 1 to 100, for formats that lose some detail; None: the photo's own settings.

    Raises:
        InputError: The format cannot hold the picture.
    """
    if not hole.any():
        return original_bytes(photo, format)
    return encode_photo(photo, photo.image, format, quality=quality)

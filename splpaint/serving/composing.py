"""One picture put over another where a mask says so, from bytes to bytes: how the page brings an original back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from splpaint.errors import InputError, SizeMismatchError
from splpaint.images import (
    Format,
    Hole,
    Photo,
    choose_format,
    encode_photo,
    original_bytes,
    read_mask,
    read_photo,
)
from splpaint.serving.bench import Bench
from splpaint.serving.intake import Received, parse_fields
from splpaint.serving.refusals import RefusedError
from splpaint.serving.schema import ComposeOptions
from splpaint.serving.workshop import Job

__all__ = ["Composer"]


class Composer:
    """Composes what requests ask for."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def compose(self, received: Received, job: Job) -> tuple[bytes, Format]:
        """Write ``image`` as a file in its own format or another, with ``over`` where ``mask`` is white, or everywhere.

        Raises:
            RefusedError: The request cannot be served.
        """
        if received.json is not None:
            raise RefusedError(415, "what is composed must be multipart/form-data, got JSON; send a form")
        options = parse_fields(received.fields, ComposeOptions)
        files = received.pictures(needed=("image",), optional=("over", "mask"))
        with self._bench.admit(files, job):
            photo = read_photo(Path("image"), files["image"])
            format = choose_format(photo, options.format)
            if "over" not in files:
                return original_bytes(photo, format), format
            over = read_photo(Path("over"), files["over"])
            shown = read_mask("mask", files["mask"]) if "mask" in files else None
            composed = _composed(photo, over, shown)
            return encode_photo(composed, composed.image, format, quality=options.quality), format


def _composed(photo: Photo, over: Photo, shown: Hole | None) -> Photo:
    width, height = photo.size
    sizes = {"over": over.size, "mask": photo.size if shown is None else shown.shape[::-1]}
    for name, (wide, tall) in sizes.items():
        if (wide, tall) != photo.size:
            raise SizeMismatchError(
                f"{name} must have the image's size {width}x{height}, got {wide}x{tall}; send one of that size"
            )
    if shown is None:
        shown = np.ones((height, width), np.bool_)
    below, above = photo.image, over.image
    if isinstance(below, Image.Image) and isinstance(above, Image.Image):
        above = above.convert(below.mode)
        return photo._replace(image=Image.composite(above, below, Image.fromarray(shown)))
    if isinstance(below, Image.Image) or isinstance(above, Image.Image) or below.shape != above.shape:
        raise InputError(
            "over must have the image's channels and bits per channel, got others; send what was painted from it"
        )
    return photo._replace(image=np.where(shown if below.ndim == 2 else shown[..., None], above, below))

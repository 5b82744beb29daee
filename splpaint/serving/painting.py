"""One request's painting, from bytes to bytes, on a worker."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from splpaint.errors import SplpaintError
from splpaint.images import Format
from splpaint.inference import HoleRules, MaskBytes, PaintOptions, StreamOutput, paint_file
from splpaint.notices import collected
from splpaint.parallel import PixelBudget
from splpaint.serving.intake import Received, decode, parse_fields, parse_json, require_admissible
from splpaint.serving.refusals import RefusedError, in_fields
from splpaint.serving.schema import InpaintJson, InpaintOptions
from splpaint.serving.settings import Limits
from splpaint.serving.shelf import Shelf
from splpaint.serving.workshop import Job

__all__ = ["PaintedPicture", "Studio", "media_type_of"]


def media_type_of(format: Format) -> str:
    """The media type of a format's files."""
    return Image.MIME.get(format.name) or f"image/{format.suffix.removeprefix('.')}"


class PaintedPicture(NamedTuple):
    """A painted picture.

    Attributes:
        data: Its file.
        format: The file's format.
        size: Width and height in pixels.
        model: What painted it.
        seconds: How long that took.
        notices: What should be known.
        seed: As it was asked for.
    """

    data: bytes
    format: Format
    size: tuple[int, int]
    model: str
    seconds: float
    notices: list[str]
    seed: int

    @property
    def media_type(self) -> str:
        """Of the file."""
        return media_type_of(self.format)


class Studio:
    """Paints what requests ask for; pictures in work have so many pixels together as one may have."""

    def __init__(self, shelf: Shelf, limits: Limits) -> None:
        self._shelf, self._limits = shelf, limits
        self._room = PixelBudget(limits.max_pixels)

    def paint(self, received: Received, job: Job, chosen: str | None = None) -> PaintedPicture:
        """Paint.

        Args:
            received: What is asked for.
            job: The work.
            chosen: The model for requests that name none.

        Raises:
            RefusedError: The request cannot be served.
        """
        started_s = time.perf_counter()
        options, files = _ask(received)
        del received
        pixels = 0
        for name, data in files.items():
            pixels = max(pixels, require_admissible(data, name, self._limits))
        with self._room.room_for(pixels), collected() as notes:
            job.progress(0, 0)
            name = options.model or chosen or self._shelf.default
            if not self._shelf.knows(name):
                notes.append(f"the model {name} is not served here: {self._shelf.default} painted")
                name = self._shelf.default
            try:
                with self._shelf.lend(name) as inpainter:
                    written: list[bytes] = []
                    painted = paint_file(
                        lambda: inpainter.painter,
                        Path("image"),
                        MaskBytes(files["mask"]),
                        StreamOutput(written.append, options.format),
                        PaintOptions(HoleRules(dilate_px=options.dilate), options.feather, options.quality),
                        avoid=MaskBytes(files["avoid"]) if "avoid" in files else None,
                        data=files["image"],
                        progress=job.progress,
                    )
            except SplpaintError as error:
                raise RefusedError.of(error) from error
            except MemoryError as error:
                raise RefusedError(
                    413, "the picture needs more memory than there is; make it smaller first"
                ) from error
        height, width = painted.hole.shape
        return PaintedPicture(
            written[0],
            painted.target.format,
            (width, height),
            name,
            time.perf_counter() - started_s,
            list(map(in_fields, notes)),
            options.sd_seed,
        )


def _ask(received: Received) -> tuple[InpaintOptions, dict[str, bytes]]:
    if received.json is None:
        options = parse_fields(received.fields, InpaintOptions)
        return options, _files(received.files, needed=("image", "mask"), optional=("avoid",))
    asked = parse_json(received.json, InpaintJson)
    encoded = {"image": asked.image, "mask": asked.mask, "avoid": asked.avoid}
    return asked, {name: decode(text, name) for name, text in encoded.items() if text}


def _files(
    files: dict[str, bytes], *, needed: tuple[str, ...], optional: tuple[str, ...]
) -> dict[str, bytes]:
    for name in needed:
        if name not in files:
            raise RefusedError(422, f"{name} must be a file in the form, got none; send a picture")
    return {name: files[name] for name in (*needed, *optional) if name in files}

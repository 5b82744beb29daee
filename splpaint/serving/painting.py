"""One request's painting, from bytes to bytes, on a worker."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from splpaint.images import Format
from splpaint.inference import HoleRules, MaskBytes, PaintOptions, StreamOutput, paint_file
from splpaint.serving.bench import Bench
from splpaint.serving.intake import Received, decode, parse_fields, parse_json
from splpaint.serving.refusals import in_fields
from splpaint.serving.schema import InpaintJson, InpaintOptions
from splpaint.serving.shelf import Shelf
from splpaint.serving.workshop import Job

__all__ = ["PaintedPicture", "Studio", "media_type_of"]

_MOST_NOTICES, _MOST_LETTERS = 5, 300  # they go into a header


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
    """Paints what requests ask for."""

    def __init__(self, shelf: Shelf, bench: Bench) -> None:
        self._shelf, self._bench = shelf, bench

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
        with self._bench.admit(files, job) as notes:
            name = options.model or chosen or self._shelf.default
            if not self._shelf.knows(name):
                notes.append(f"the model {name} is not served here: {self._shelf.default} painted")
                name = self._shelf.default
            written: list[bytes] = []
            with self._shelf.lend(name) as inpainter:
                painted = paint_file(
                    lambda: inpainter.painter,
                    Path("image"),
                    MaskBytes(files["mask"]),
                    StreamOutput(written.append, options.format),
                    PaintOptions(HoleRules(dilate=options.dilate), options.feather, options.quality),
                    avoid=MaskBytes(files["avoid"]) if "avoid" in files else None,
                    data=files["image"],
                    progress=job.progress,
                )
        height, width = painted.hole.shape
        return PaintedPicture(
            written[0],
            painted.target.format,
            (width, height),
            name,
            time.perf_counter() - started_s,
            [in_fields(note)[:_MOST_LETTERS] for note in notes[:_MOST_NOTICES]],
            options.sd_seed,
        )


def _ask(received: Received) -> tuple[InpaintOptions, dict[str, bytes]]:
    if received.json is None:
        options = parse_fields(received.fields, InpaintOptions)
        return options, received.pictures(needed=("image", "mask"), optional=("avoid",))
    asked = parse_json(received.json, InpaintJson)
    encoded = {"image": asked.image, "mask": asked.mask, "avoid": asked.avoid}
    return asked, {name: decode(text, name) for name, text in encoded.items() if text}

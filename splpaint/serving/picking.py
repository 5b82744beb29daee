"""One request's selection, from bytes to bytes, on a worker."""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.errors import SizeMismatchError
from splpaint.images import Hole, Pixels, read_mask, read_photo
from splpaint.inference import HoleBox
from splpaint.serving.bench import Bench
from splpaint.serving.intake import Received, decode, parse_json
from splpaint.serving.schema import SelectJson
from splpaint.serving.selection import select
from splpaint.serving.workshop import Job

__all__ = ["Picker", "SelectedPicture"]


class SelectedPicture(NamedTuple):
    """A mask.

    Attributes:
        data: A PNG.
        size: Width and height in pixels.
        share: Of the picture that is marked, in [0,1].
    """

    data: bytes
    size: tuple[int, int]
    share: float


class Picker:
    """Selects what requests ask for."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def select(self, received: Received, job: Job) -> SelectedPicture:
        """Select.

        Raises:
            RefusedError: The request cannot be served.
        """
        files, box = _ask(received)
        with self._bench.admit(files, job):
            image = _rgb(files["image"])
            stroke = _stroke(files["stroke"], image) if "stroke" in files else None
            hole = select(image, box=HoleBox.parse(box) if box else None, stroke=stroke)
            buffer = io.BytesIO()
            Image.fromarray(hole).convert("L").save(buffer, "PNG")
            height, width = hole.shape
            job.progress(1, 1)
            return SelectedPicture(buffer.getvalue(), (width, height), float(hole.mean()))


def _ask(received: Received) -> tuple[dict[str, bytes], str | None]:
    if received.json is None:
        return received.pictures(needed=("image",), optional=("stroke",)), received.fields.get("box")
    asked = parse_json(received.json, SelectJson)
    encoded = {"image": asked.image, "stroke": asked.stroke}
    files = {name: decode(text, name) for name, text in encoded.items() if text}
    return files, ",".join(map(str, asked.box)) if isinstance(asked.box, tuple) else asked.box


def _rgb(data: bytes) -> Pixels:
    # uint8 (H,W,3): of 16 bits the upper ones
    image = read_photo("image", data).image
    if isinstance(image, Image.Image):
        return np.asarray(image.convert("RGB"))
    levels = (image >> 8).astype(np.uint8)
    colours = levels[:, :, None] if levels.ndim == 2 else levels[:, :, :3]
    return np.ascontiguousarray(np.broadcast_to(colours, (*levels.shape[:2], 3)))


def _stroke(data: bytes, image: Pixels) -> Hole:
    stroke = read_mask("stroke", data)
    if stroke.shape != image.shape[:2]:
        height, width = image.shape[:2]
        raise SizeMismatchError(
            f"stroke must have the image's size {width}x{height}, got {stroke.shape[1]}x{stroke.shape[0]}; paint it "
            "on a picture of that size"
        )
    return stroke

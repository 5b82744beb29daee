"""``figure.png`` and ``figure.pdf``, for papers: pairs, each damaged, as every method painted it, and the truth."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from PIL import Image

from splpaint.atomic_files import write_atomic
from splpaint.evaluation.report.gallery import Gallery, GalleryPair
from splpaint.evaluation.report.panels import Panel, arrange, on_hole_colour
from splpaint.evaluation.turns import take_turns

__all__ = ["choose_rows", "write_figure"]

_MOST_ROWS = 6
_MOST_WIDTH_PX = 512
_DPI = 300
_PDF = {
    "resolution": _DPI,
    **{"quality": 95, "subsampling": 0},  # its pictures are JPEG files; figure.png holds the very pixels
    **{"creationDate": None, "modDate": None},  # the same pictures give the same file
}


def write_figure(gallery: Gallery, output: Path) -> None:
    """Draw the figure; without pictures, remove that of an older report.

    Args:
        gallery: The pairs that the report shows.
        output: The report's folder.

    Raises:
        InputError: A file cannot be written.
    """
    png, pdf = output / "figure.png", output / "figure.pdf"
    if not gallery:
        png.unlink(missing_ok=True)
        pdf.unlink(missing_ok=True)
        return
    figure = _draw(choose_rows(gallery))
    write_atomic(png, _encode(figure, "PNG", dpi=(_DPI, _DPI)))
    write_atomic(pdf, _encode(figure, "PDF", **_PDF))


def choose_rows(gallery: Gallery) -> list[GalleryPair]:
    """Choose pairs evenly over bins of hole ratios, from the smallest hole to the largest.

    Pairs that are neither among the worst nor among the best come first: a figure is to be typical.
    """
    turns = take_turns(
        sorted(gallery, key=lambda pair: pair.why != "spread"),
        sort=lambda pair: pair.result.bin,
        photograph=lambda pair: pair.result.image_sha256,
    )
    return sorted(islice(turns, _MOST_ROWS), key=lambda pair: (pair.result.ratio, pair.result.number))


def _draw(pairs: Sequence[GalleryPair]) -> Image.Image:
    rows = [_pictures(pair) for pair in pairs]
    width = min(_MOST_WIDTH_PX, max(row[0].width for row in rows))
    captions = ["damaged", *pairs[0].painted, "truth"]
    panels = [[Panel(_as_wide(picture, width)) for picture in row] for row in rows]
    panels[0] = [panel._replace(caption=caption) for panel, caption in zip(panels[0], captions, strict=True)]
    return arrange(panels)


def _pictures(pair: GalleryPair) -> list[Image.Image]:
    opened = [
        Image.open(io.BytesIO(path.read_bytes()))
        for path in (pair.damaged, *pair.painted.values(), pair.truth)
    ]
    return [on_hole_colour(opened[0]), *(picture.convert("RGB") for picture in opened[1:])]


def _as_wide(picture: Image.Image, width: int) -> Image.Image:
    height = max(1, round(picture.height * width / picture.width))
    return picture if picture.width == width else picture.resize((width, height), Image.Resampling.LANCZOS)


def _encode(picture: Image.Image, format_name: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, format_name, **options)
    return file.getvalue()

"""The options that say which masks a command takes, the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from splpaint.cli.terminal.progress_bar import warn
from splpaint.masks import Polarity

if TYPE_CHECKING:
    from splpaint.inference import MaskFile, Transparency
    from splpaint.masks import MaskFiles, MaskSource

__all__ = ["MOST_SIDE_PX", "AnyRatio", "PolarityOption", "open_source", "photo_mask", "require_files"]

_ALPHA = "alpha"
SOURCE_WORDS = "MASKS"
MOST_SIDE_PX = 10_000
SOURCE_HELP = (
    "A kind that is drawn (irregular, strokes, thin, medium, thick, box, centre, half, outpaint, mixed, scratches, "
    "blob-tenth, blob-quarter, text); object:FOLDER, outlines of cut-out pictures; nvidia-test:FOLDER, "
    "nvidia-train:FOLDER or qd-imd:FOLDER; "
    "or mask files, as a folder or a list."
)


PolarityOption = Annotated[
    Polarity | None,
    typer.Option(help="What white means in mask files: the hole (default), or what is known."),
]
AnyRatio = Annotated[
    bool, typer.Option("--any-ratio", help="Accept mask files whose holes cover most of the picture.")
]


def photo_mask(text: str) -> MaskFile | Transparency:
    """The mask of a photograph: a file, or the word alpha for its own transparency."""
    from splpaint.inference import MaskFile, Transparency

    return Transparency() if text == _ALPHA else MaskFile(Path(text))


def open_source(text: str, polarity: Polarity | None, any_ratio: bool) -> MaskSource:
    """Find the masks, and say so if a collection does not have the number of files that it should have."""
    from splpaint.images import count_others, format_counts
    from splpaint.masks import COLLECTIONS, open_masks

    source = open_masks(text, polarity=polarity, any_ratio=any_ratio)
    name, _, place = text.partition(":")
    folder = Path(text) if Path(text).is_dir() else Path(place or text)
    if source.files and folder.is_dir() and (others := format_counts(count_others(folder, source.files))):
        warn(f"left out by their names: {others}")
    expected = COLLECTIONS[name].files if name in COLLECTIONS and not Path(text).exists() else None
    if expected and source.count != expected:
        warn(f"{name} has {expected} masks, {source.count} are here")
    return source


def require_files(source: MaskSource, refusal: str) -> MaskFiles:
    """Refuse masks that are no files, with an ``InputError`` of this text."""
    from splpaint.errors import InputError
    from splpaint.masks import MaskFiles

    if isinstance(source, MaskFiles):
        return source
    raise InputError(refusal)

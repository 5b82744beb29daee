"""Pairs as picture files, for the programs of other projects: images, masks, and images without what is missing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor

from splpaint.atomic_files import put_file, remove_leftovers, write_atomic
from splpaint.errors import InputError, did_you_mean
from splpaint.images import Pixels
from splpaint.locks import only_writer
from splpaint.masks import Polarity
from splpaint.pairs.manifest import PairRecord, iterate_manifest, manifest_sha256
from splpaint.pairs.names import pair_names
from splpaint.pairs.pairing import load_pair
from splpaint.parallel import ordered_map

__all__ = ["RENDERING", "Layout", "render_pairs"]

RENDERING = "rendering.json"
"""The file that says what a folder was rendered from, and how."""


class Layout(StrEnum):
    """Where the files of a pair lie.

    Attributes:
        FOLDERS: ``images/NAME.png``, ``masks/NAME.png`` and ``damaged/NAME.png``.
        LAMA: ``NAME.png`` and ``NAME_mask000.png``, as LaMa's program reads them.
    """

    FOLDERS = "folders"
    LAMA = "lama"


def render_pairs(
    manifest: Path,
    folder: Path,
    *,
    layout: str = "folders",
    polarity: Polarity | None = None,
    fill: str = "white",
    on_pair: Callable[[], object] = lambda: None,
) -> None:
    """Write all pairs of a manifest as PNG files, by the names of ``pair_names``; one that was stopped continues.

    Args:
        manifest: Written by ``write_manifest``.
        folder: Made if missing; empty, or the same was begun there.
        layout: A name of ``Layout``.
        polarity: What white means in the masks, by default the hole.
        fill: The colour of the hole in damaged images, as Pillow reads it: ``grey``, ``#808080``.
        on_pair: Called after each pair, those included that were there.

    Raises:
        InputError: A choice is unknown or does not suit the layout, the manifest cannot be read, a pair is not as
            recorded, or the folder holds something else or cannot be written.
    """
    rendering = _Rendering.choose(layout, polarity, fill)
    names = pair_names(manifest)
    rendering.require_suitable(names)
    _require_ours(folder)
    with only_writer(folder, doing="rendering"):
        put_file(folder / RENDERING, rendering.described(manifest))
        remove_leftovers(path for name in names for path in rendering.files(folder, name))

        def render(pair: tuple[str, PairRecord]) -> None:
            name, record = pair
            rendering.write(record, manifest.parent, rendering.files(folder, name))

        pairs = zip(names, iterate_manifest(manifest), strict=True)
        with closing(ordered_map(render, pairs)) as rendered:
            for _ in rendered:
                on_pair()


class _Rendering(NamedTuple):
    layout: Layout
    polarity: Polarity
    colour: tuple[int, int, int]

    @classmethod
    def choose(cls, layout: str, polarity: Polarity | None, fill: str) -> _Rendering:
        if layout not in set(Layout):
            near = did_you_mean(layout, Layout)
            raise InputError(f"expected a layout from {', '.join(Layout)}, got {layout!r}{near}")
        polarity = polarity or Polarity.WHITE_HOLE
        if layout == Layout.LAMA and (polarity is not Polarity.WHITE_HOLE or fill != "white"):
            raise InputError(
                f"expected neither {polarity} nor a fill with the layout lama, got {polarity} and {fill}: LaMa takes "
                "what is white for the hole, and empties it itself; leave them out"
            )
        return cls(Layout(layout), polarity, _colour(fill))

    def files(self, folder: Path, name: str) -> list[Path]:
        """Where the image, the mask and the damaged image go; LaMa has no use for the last."""
        if self.layout is Layout.LAMA:
            return [folder / f"{name}.png", folder / f"{name}_mask000.png"]
        return [folder / part / f"{name}.png" for part in ("images", "masks", "damaged")]

    def require_suitable(self, names: Iterable[str]) -> None:
        """Refuse names that LaMa reads as those of masks."""
        odd = next((name for name in names if self.layout is Layout.LAMA and "mask" in name), None)
        if odd is not None:
            raise InputError(
                f"expected names without 'mask', by which LaMa knows masks, got {odd}; rename that picture and make "
                "the manifest again"
            )

    def described(self, manifest: Path) -> bytes:
        """What must be the same for a rendering to continue."""
        choices = {"layout": self.layout, "polarity": self.polarity, "fill": self.colour}
        return (
            json.dumps({"manifest_sha256": manifest_sha256(manifest), **choices}, indent=1) + "\n"
        ).encode()

    def write(self, pair: PairRecord, root: Path, files: list[Path]) -> None:
        """Write the files of a pair, unless all are there."""
        if all(file.is_file() for file in files):
            return
        image, hole = load_pair(pair, root)
        mask = np.where(hole == (self.polarity is Polarity.WHITE_HOLE), np.uint8(255), np.uint8(0))
        damaged = np.where(hole[:, :, None], np.array(self.colour, np.uint8), image)
        for file, pixels in zip(files, (image, mask, damaged), strict=False):
            write_atomic(file, _png(pixels))


def _colour(text: str) -> tuple[int, int, int]:
    try:
        levels = ImageColor.getrgb(text)
    except ValueError:
        levels = (0, 0, 0, 0)
    if len(levels) != 3:  # an unknown name, or one with transparency
        raise InputError(f"expected a colour such as white, grey or #808080, got {text!r}; correct it")
    return levels


def _require_ours(folder: Path) -> None:
    """Refuse a folder with anything but a rendering: other pictures would be taken for those of pairs."""
    if not folder.is_dir() or (folder / RENDERING).is_file():
        return
    found = next((path for path in sorted(folder.iterdir()) if not path.name.startswith(".")), None)
    if found is not None:
        raise InputError(f"expected an empty folder, got {folder}, which holds {found.name}; choose another")


def _png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()

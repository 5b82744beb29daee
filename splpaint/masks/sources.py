"""Where masks come from, by one line of text: a kind that is drawn, silhouettes, a collection, files.

``irregular``, ``thin`` ... (``GENERATORS``); ``object:FOLDER``, the silhouettes of a folder of cut-outs;
``nvidia-test:FOLDER`` ... (``COLLECTIONS``); a folder or list file alone, with the polarity said beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from splpaint.errors import InputError, did_you_mean
from splpaint.images import Hole, list_pictures
from splpaint.masks.collections import COLLECTIONS, COMMAND_LINE, OptionNames, require_plausible
from splpaint.masks.kinds import GENERATORS
from splpaint.masks.mask_files import fit_hole, read_hole
from splpaint.masks.polarity import Polarity
from splpaint.masks.silhouettes import choose_silhouette, object_mask

__all__ = [
    "DrawnMasks",
    "Mask",
    "MaskFiles",
    "MaskSource",
    "join_cell",
    "open_masks",
    "recall_mask",
    "split_cell",
]

_OBJECT, _INVERTED = "object:", "white-known:"


class Mask(NamedTuple):
    """One mask at a working size.

    Attributes:
        cell: What a manifest calls it: a name of ``GENERATORS``; ``object:`` and the path of a silhouette;
            the path of a mask file, after ``white-known:`` where white is what is known.
        seed: Of a drawn mask; None for a file.
        number: Its index, of a drawn mask; None for a file.
        sha256: Of the mask file; of a drawn mask as uint8 0/255, row by row.
        hole: bool (height, width), True = missing.
    """

    cell: str
    seed: int | None
    number: int | None
    sha256: str
    hole: Hole


@dataclass(frozen=True)
class DrawnMasks:
    """Endless masks of one kind: mask ``index`` is a function of (seed, index).

    Attributes:
        kind: A name of ``GENERATORS``, or "object".
        silhouettes: For "object": cut-out pictures.
    """

    kind: str
    silhouettes: Sequence[Path] = ()

    def draw(self, *, seed: int, index: int, height: int, width: int) -> Mask:
        """Mask ``index`` of the sequence ``seed``."""
        cell = self.kind
        if self.kind == "object":
            chosen = choose_silhouette(self.silhouettes, seed=seed, index=index)
            cell = _OBJECT + chosen.absolute().as_posix()
        return _draw(cell, Path(), seed=seed, index=index, height=height, width=width)


@dataclass(frozen=True)
class MaskFiles:
    """Mask files of one polarity."""

    files: Sequence[Path]
    polarity: Polarity = Polarity.WHITE_HOLE

    def read(self, number: int, *, side_px: int) -> Mask:
        """File ``number``, cropped to its central square and resized by nearest pixel."""
        path = self.files[number].absolute().as_posix()
        return _read(join_cell(self.polarity, path), Path(), side_px)


MaskSource = DrawnMasks | MaskFiles


def open_masks(
    text: str,
    *,
    polarity: Polarity | None = None,
    any_ratio: bool = False,
    options: OptionNames = COMMAND_LINE,
) -> MaskSource:
    """Find the masks that a line of text names.

    Args:
        text: As in the heading of this file. What is both a name and a folder is the name; write ``./name``.
        polarity: Of mask files; white = hole where neither this nor a collection says.
        any_ratio: Accept files whose holes cover more than 65 % on average.
        options: What the user calls these two.

    Raises:
        InputError: Nothing by that name, no pictures there, a polarity that the masks cannot have.
    """
    name, _, place = text.partition(":")
    if text in GENERATORS or (name == "object" and place):
        if polarity:
            raise InputError(
                f"expected no polarity, got {options.polarity}{polarity}: {name} masks are drawn; leave it out"
            )
        return DrawnMasks(text) if text in GENERATORS else DrawnMasks(name, list_pictures(Path(place)))
    if name in COLLECTIONS and place:
        stated = COLLECTIONS[name].polarity
        if stated and polarity and polarity != stated:
            raise InputError(
                f"expected {stated}, the polarity of {name}, got {options.polarity}{polarity}; leave it out, or "
                "give the folder alone"
            )
        polarity = stated or polarity
        if stated:  # of a collection another polarity is refused, of its folder not
            options = options._replace(polarity=f"{place} alone with {options.polarity}")
    else:
        place = text
    if not Path(place).exists():
        raise InputError(
            f"expected masks from {', '.join(sorted(GENERATORS))}, object:FOLDER, a collection "
            f"({', '.join(f'{known}:FOLDER' for known in COLLECTIONS)}), a folder or a list, got {text!r}, and no "
            f"file or folder of that name is there{did_you_mean(name, (*GENERATORS, _OBJECT[:-1], *COLLECTIONS))}"
        )
    source = MaskFiles(list_pictures(Path(place)), polarity or Polarity.WHITE_HOLE)
    require_plausible(source.files, source.polarity, any_ratio=any_ratio, options=options)
    return source


# --- cells of a manifest


def split_cell(cell: str) -> tuple[str, str | None]:
    """A cell of a manifest => (a drawn kind or a polarity, the path in it or None)."""
    if cell in GENERATORS:
        return cell, None
    for prefix in (_OBJECT, _INVERTED):
        if cell.startswith(prefix):
            return prefix[:-1], cell.removeprefix(prefix)
    return "white-hole", cell


def join_cell(kind: str, path: str) -> str:
    """The reverse of ``split_cell`` for cells with a path."""
    if kind != "white-hole":
        return f"{kind}:{path}"
    return path if split_cell(path) == (kind, path) else f"./{path}"


def recall_mask(cell: str, root: Path, *, seed: int | None, index: int | None, side_px: int) -> Mask:
    """The mask that a manifest in the folder ``root`` recorded, as its files and generators give it today.

    Raises:
        InputError: A file is missing or unreadable.
    """
    if seed is None or index is None:
        return _read(cell, root, side_px)
    return _draw(cell, root, seed=seed, index=index, height=side_px, width=side_px)


def _draw(cell: str, root: Path, *, seed: int, index: int, height: int, width: int) -> Mask:
    kind, path = split_cell(cell)
    if path is None:
        hole = GENERATORS[kind](seed=seed, index=index, height=height, width=width)
    else:
        hole = object_mask(root / path, seed=seed, index=index, height=height, width=width)
    levels = np.where(hole, np.uint8(255), np.uint8(0))  # bool (H,W) => uint8 (H,W)
    return Mask(cell, seed, index, hashlib.sha256(levels.tobytes()).hexdigest(), hole)


def _read(cell: str, root: Path, side_px: int) -> Mask:
    kind, path = split_cell(cell)
    file = root / (path or cell)
    hole = fit_hole(read_hole(file, Polarity(kind)), side_px)
    return Mask(cell, None, None, hashlib.sha256(file.read_bytes()).hexdigest(), hole)

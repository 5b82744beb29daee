"""Where masks come from, by one line of text: a kind that is drawn, silhouettes, a collection, files.

``irregular``, ``thin`` ... (``GENERATORS``); ``object:FOLDER``, the silhouettes of a folder of cut-outs;
``nvidia-test:FOLDER`` ... (``COLLECTIONS``); a folder or list file alone, with the polarity said beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from splpaint.errors import InputError, did_you_mean
from splpaint.images import list_pictures
from splpaint.masks.collections import COLLECTIONS, PYTHON_NAMES, ParameterNames, require_plausible
from splpaint.masks.kinds import GENERATORS, choose_silhouette
from splpaint.masks.origin import OBJECT, Frame, Mask, MaskOrigin, draw_mask, read_mask_file
from splpaint.masks.polarity import Polarity

__all__ = ["DrawnMasks", "MaskFiles", "MaskSource", "Silhouettes", "open_masks"]


class MaskSource(Protocol):
    """Masks by number, from 0."""

    @property
    def kind(self) -> str:
        """What they are called: a name of ``GENERATORS``, ``OBJECT``, a polarity."""

    @property
    def count(self) -> int | None:
        """How many there are; None: they are drawn, without end, each as a function of (seed, number)."""

    @property
    def files(self) -> Sequence[Path]:
        """The mask files among them, which must not be overwritten."""

    def origin(self, number: int, *, seed: int) -> MaskOrigin:
        """Where mask ``number`` comes from, with an absolute path; nothing is read. Files ignore the seed."""

    def mask(self, number: int, *, seed: int, frame: Frame | None = None) -> Mask:
        """Mask ``number``.

        Args:
            number: Less than ``count``, if that is not None.
            seed: Seed of drawn masks, in [0, 2**32).
            frame: Its size; by default 256 x 256 for drawn masks, its own size for a file.

        Raises:
            InputError: A number is out of its range, or a file cannot be read.
        """


@dataclass(frozen=True)
class DrawnMasks:
    """Endless masks of one kind, a name of ``GENERATORS``."""

    kind: str
    count: ClassVar[None] = None
    files: ClassVar[Sequence[Path]] = ()

    def origin(self, number: int, *, seed: int) -> MaskOrigin:
        """The kind."""
        return MaskOrigin(self.kind)

    def mask(self, number: int, *, seed: int, frame: Frame | None = None) -> Mask:
        """Mask ``number`` of the sequence ``seed``."""
        return draw_mask(self.origin(number, seed=seed), seed=seed, index=number, frame=frame)


@dataclass(frozen=True)
class Silhouettes:
    """Endless masks with the outlines of cut-out pictures."""

    cut_outs: Sequence[Path]
    kind: ClassVar[str] = OBJECT
    count: ClassVar[None] = None
    files: ClassVar[Sequence[Path]] = ()

    def origin(self, number: int, *, seed: int) -> MaskOrigin:
        """The cut-out that the seed chooses."""
        chosen = choose_silhouette(self.cut_outs, seed=seed, index=number)
        return MaskOrigin(OBJECT, chosen.absolute().as_posix())

    def mask(self, number: int, *, seed: int, frame: Frame | None = None) -> Mask:
        """Mask ``number`` of the sequence ``seed``."""
        return draw_mask(self.origin(number, seed=seed), seed=seed, index=number, frame=frame)


@dataclass(frozen=True)
class MaskFiles:
    """Mask files of one polarity."""

    files: Sequence[Path]
    polarity: Polarity = Polarity.WHITE_HOLE

    @property
    def kind(self) -> str:
        """The polarity."""
        return self.polarity

    @property
    def count(self) -> int:
        """How many files."""
        return len(self.files)

    def origin(self, number: int, *, seed: int) -> MaskOrigin:
        """File ``number``."""
        return MaskOrigin(self.polarity, self.files[number].absolute().as_posix())

    def mask(self, number: int, *, seed: int, frame: Frame | None = None) -> Mask:
        """File ``number``."""
        return read_mask_file(self.origin(number, seed=seed), frame=frame)


def open_masks(
    text: str,
    *,
    polarity: Polarity | None = None,
    any_ratio: bool = False,
    names: ParameterNames = PYTHON_NAMES,
) -> MaskSource:
    """Find the masks that a line of text names.

    Args:
        text: As in the heading of this file. A name goes before a folder of the same name, which is ``./name``.
        polarity: Polarity of mask files; white = hole unless this or a collection says otherwise.
        any_ratio: Accept files whose holes cover more than 65 % on average.
        names: What messages call these two.

    Raises:
        InputError: Nothing by that name, no pictures there, a polarity that the masks cannot have.
    """
    name, _, place = text.partition(":")
    if text in GENERATORS or (name == OBJECT and place):
        if polarity:
            raise InputError(
                f"expected no polarity, got {names.to_say(polarity)}: {name} masks are drawn; leave it out"
            )
        return DrawnMasks(text) if text in GENERATORS else Silhouettes(list_pictures(Path(place)))
    if name in COLLECTIONS and place:
        stated = COLLECTIONS[name].polarity
        if stated and polarity and polarity != stated:
            raise InputError(
                f"expected {stated}, the polarity of {name}, got {names.to_say(polarity)}; leave it out, or "
                "give the folder alone"
            )
        polarity = stated or polarity
        if stated:  # a collection refuses another polarity, its folder alone does not
            names = names._replace(source=f"{place} alone with ")
    else:
        place = text
    if not Path(place).exists():
        raise InputError(
            f"expected masks from {', '.join(sorted(GENERATORS))}, object:FOLDER, a collection "
            f"({', '.join(f'{known}:FOLDER' for known in COLLECTIONS)}), a folder or a list, got {text!r}, and no "
            f"file or folder of that name is there{did_you_mean(name, (*GENERATORS, OBJECT, *COLLECTIONS))}"
        )
    source = MaskFiles(list_pictures(Path(place)), polarity or Polarity.WHITE_HOLE)
    require_plausible(source.files, source.polarity, any_ratio=any_ratio, names=names)
    return source

"""Names of pairs, as which files of them are called: what is rendered for another method, and what it painted."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path, PurePosixPath

from splpaint.pairs.manifest import iterate_manifest

__all__ = ["pair_names"]

# What Windows forbids in names, control characters, and the dot that would hide a file.
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]|^\.')


def pair_names(manifest: Path) -> list[str]:
    """Name the pairs of a manifest, in their order.

    Returns:
        The picture's name without its suffix if no other pair has it, else this with ``-1``, ``-2`` ... in the order
        of the pairs, without those that are taken. Characters that a file's name cannot have everywhere become ``_``.
        No two names are the same, even where the case of letters makes no difference.

    Raises:
        InputError: The manifest cannot be read, or a line (named) is not what ``write_manifest`` writes.
    """
    stems = [_UNSAFE.sub("_", PurePosixPath(pair.image).stem) for pair in iterate_manifest(manifest)]
    return list(_without_doubles(stems))


def _without_doubles(stems: Sequence[str]) -> Iterator[str]:
    times = Counter(map(_as_compared, stems))
    taken = {stem for stem, pairs in times.items() if pairs == 1}
    numbers = {stem: count(1) for stem, pairs in times.items() if pairs > 1}
    for stem in stems:
        name = stem
        if (key := _as_compared(stem)) in numbers:
            numbered = (f"{stem}-{number}" for number in numbers[key])
            name = next(each for each in numbered if _as_compared(each) not in taken)
            taken.add(_as_compared(name))
        yield name


def _as_compared(name: str) -> str:
    # Windows and macOS take names for the same that differ in case; macOS also é in one character or two.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())

"""Folders and list files => paths of pictures, always in the same order; nothing is opened or decoded."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from splpaint.errors import InputError
from splpaint.images.names import PICTURE_SUFFIXES, SeenNames

__all__ = ["BrokenFile", "count_others", "format_counts", "list_pictures"]

_KINDS_TOLD = 5


class BrokenFile(NamedTuple):
    """A file that cannot be used, and why."""

    file: Path
    reason: str


def list_pictures(source: Path, *, also: tuple[str, ...] = ()) -> list[Path]:
    """List the pictures of a folder or of a list file.

    Args:
        source: A folder: every file in it and in its subfolders with one of ``PICTURE_SUFFIXES`` (in capitals, too),
            sorted by its posix path; hidden files and folders are skipped and links to
            folders not followed. Or a list file: UTF-8, one path a line whatever its suffix, relative ones
            relative to the list's folder, blank lines skipped; the order of the list is kept. A name that is
            not there stands for the one that looks like it (``names.py``).
        also: More suffixes, in small letters, that count as pictures in a folder.

    Returns:
        At least one path, none of them twice.

    Raises:
        InputError: There is nothing, or there are no pictures; or a list is not UTF-8 text, names a missing file, or
            names one twice, which would count twice in measuring or training.
    """
    suffixes = (*PICTURE_SUFFIXES, *also)
    try:
        if source.is_dir():
            found = sorted(_walk(source, suffixes), key=Path.as_posix)
            looked_for = f"looked for {' '.join(suffixes)}"
            if not found:
                looked_for += f"; there are {format_counts(count_others(source, [])) or 'no files'}"
        elif source.is_file():
            found = _read_list(source)
            looked_for = "every line is blank"
        else:
            raise InputError(
                f"expected a folder or a list file, got {source}, which is not there; {_hint(str(source))}"
            )
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error}); check its permissions") from error
    if not found:
        raise InputError(
            f"expected pictures, got 0 pictures found in {source} ({looked_for}); {_hint(looked_for)}"
        )
    return found


def count_others(folder: Path, pictures: Iterable[Path]) -> Counter[str]:
    """Count the files below a folder that were not taken, so that nothing is lost in silence.

    Args:
        folder: The folder.
        pictures: The files that were taken; no hidden ones.

    Returns:
        Numbers by kind: a suffix in small letters with its dot, "without suffix", "hidden" (files and folders
        whose names begin with a dot), "linked folder" (not followed).
    """
    found: Counter[str] = Counter()
    for place, subfolders, names in os.walk(folder):
        found["linked folder"] += sum(Path(place, name).is_symlink() for name in subfolders)
        found["hidden"] += sum(name.startswith(".") for name in (*subfolders, *names))
        subfolders[:] = _visible(subfolders)
        found.update(_kind(name) for name in _visible(names))
    return found - Counter(_kind(picture.name) for picture in pictures)


def format_counts(counts: Counter[str]) -> str:
    """What ``count_others`` counted as a line of text: "12 .gif, 1 .txt", the largest numbers first."""
    kinds = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(number for _, number in kinds[_KINDS_TOLD:])
    texts = [f"{number} {kind}" for kind, number in kinds[:_KINDS_TOLD]] + [f"{rest} others"] * bool(rest)
    return ", ".join(texts)


def _hint(text: str) -> str:
    if ".tar" in text or text.startswith("hf:") or ":/" in text[2:]:  # Path makes one slash of two
        return (
            "shards (NAME-{000000..000012}.tar) are for training and `splpaint pairs`, URLs and hf: for training; "
            "all else takes files: give the folder or list that was packed"
        )
    return "check the path"


def _kind(name: str) -> str:
    stem, _, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if stem and suffix else "without suffix"


def _visible(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith(".")]


def _walk(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for place, subfolders, names in os.walk(folder, onerror=_raise):
        subfolders[:] = _visible(subfolders)
        for name in _visible(names):
            if name.lower().endswith(suffixes):
                yield Path(place, name)


def _raise(error: OSError) -> None:
    # os.walk would silently skip a folder that it may not read.
    raise error


def _read_list(file: Path) -> list[Path]:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(
            f"expected a folder or a list of pictures (UTF-8, one path a line), got {file}, which is not "
            "text; put pictures into a folder and give that"
        ) from error
    first_seen: dict[Path, int] = {}
    names = SeenNames()
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line:
            continue
        path = Path(os.path.normpath(file.parent / line))
        path = names.find(path) or path
        if not path.is_file():
            raise InputError(
                f"{file}, line {number}: expected a picture file, got {line!r}, which is not there "
                f"(looked at {path}); correct the line or remove it"
            )
        if path in first_seen:
            raise InputError(
                f"{file}, line {number}: expected each picture once, got {line!r} again (first in line "
                f"{first_seen[path]}); remove one of them"
            )
        first_seen[path] = number
    return list(first_seen)

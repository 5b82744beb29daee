"""Paths of pictures => a list file, as ``listing.py`` reads it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from splpaint.data.finished_files import finished_file
from splpaint.errors import InputError

__all__ = ["write_list"]


def write_list(paths: Iterable[str | Path], file: Path, *, overwrite: bool = False) -> int:
    """Write a list file: one path a line as given, in the order given.

    Args:
        paths: Relative ones are read again relative to the list's folder, so mostly absolute ones.
        file: The list; its folder is made where it is not there.
        overwrite: Replace a file that is there.

    Returns:
        The number of lines.

    Raises:
        InputError: ``file`` is taken or cannot be written, or a path cannot stand in a list: one with a line
            break in it, with blanks at its end, or that is not Unicode.
    """
    lines = 0
    with finished_file(file, overwrite=overwrite) as out:
        for path in paths:
            line = path if isinstance(path, str) else path.as_posix()
            if line != line.strip() or "\n" in line or not _is_unicode(line):
                raise InputError(
                    f"expected a path that fits on a line of a list, got {line!r}; rename that file"
                )
            out.write(f"{line}\n")
            lines += 1
    return lines


def _is_unicode(text: str) -> bool:
    # Names of files that are not UTF-8 hold lone surrogates in Python.
    return not any("\ud800" <= letter <= "\udfff" for letter in text)

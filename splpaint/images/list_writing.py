"""Paths of pictures => a list file, as ``listing.py`` reads it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from splpaint.atomic_files import open_atomic
from splpaint.errors import InputError

__all__ = ["fits_a_line", "write_list"]


def write_list(paths: Iterable[str | Path], file: Path, *, overwrite: bool = False) -> int:
    """Write a list file: one path a line as given, in the order given.

    Args:
        paths: Absolute ones, as a rule: relative ones are read relative to the list's folder.
        file: The list; its folder is made if missing.
        overwrite: Replace a file that is there.

    Returns:
        The number of lines.

    Raises:
        InputError: ``file`` is taken or cannot be written, or a path cannot stand in a list: it holds a line break,
            has blanks at its ends, or is not Unicode.
    """
    lines = 0
    with open_atomic(file, overwrite=overwrite) as out:
        for path in paths:
            line = path if isinstance(path, str) else path.as_posix()
            if not fits_a_line(line):
                raise InputError(
                    f"expected a path that fits on a line of a list, got {line!r}; rename that file"
                )
            out.write(f"{line}\n")
            lines += 1
    return lines


def fits_a_line(path: str) -> bool:
    """Whether a path can stand on a line of a list: no line break, no blanks at its ends, Unicode."""
    # Names of files that are not UTF-8 hold lone surrogates in Python.
    unicode = not any("\ud800" <= letter <= "\udfff" for letter in path)
    return unicode and path == path.strip() and not {"\n", "\r"} & set(path)

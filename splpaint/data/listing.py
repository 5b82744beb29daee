"""Folders and list files => paths of pictures, always in the same order; nothing is opened or decoded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from splpaint.errors import InputError

__all__ = ["PICTURE_SUFFIXES", "list_pictures"]

PICTURE_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".dib"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".jp2", ".j2k", ".qoi"),
    *(".heic", ".heif", ".jxl"),
)
"""Raster formats in which Pillow or a plugin reads photographs; GIF, made for animations, is left out."""


def list_pictures(source: Path) -> list[Path]:
    """List the pictures of a folder or of a list file.

    Args:
        source: A folder: every file in it and in its subfolders that ends on one of ``PICTURE_SUFFIXES`` (in
            capitals, too), sorted by its posix path; hidden files and folders are skipped and links to
            folders not followed. Or a list file: UTF-8, one path a line whatever its suffix, relative ones
            relative to the list's folder, blank lines skipped; the order of the list is kept.

    Returns:
        At least one path, none of them twice.

    Raises:
        InputError: Nothing there, no pictures in it, or a list that is not UTF-8 text, that names a file that
            is missing, or that names one twice: it would count twice in what is measured or trained on.
    """
    try:
        if source.is_dir():
            found = sorted(_walk(source), key=Path.as_posix)
            looked_for = f"looked for {' '.join(PICTURE_SUFFIXES)}"
        elif source.is_file():
            found = _read_list(source)
            looked_for = "every line is blank"
        else:
            raise InputError(
                f"expected a folder or a list file, got {source}, which is not there; check the path"
            )
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error}); check its permissions") from error
    if not found:
        raise InputError(
            f"expected pictures, got 0 pictures found in {source} ({looked_for}); check the path"
        )
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for place, subfolders, names in os.walk(folder, onerror=_raise):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and name.lower().endswith(PICTURE_SUFFIXES):
                yield Path(place, name)


def _raise(error: OSError) -> None:
    # os.walk would skip in silence a folder that it may not read.
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
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line:
            continue
        path = Path(os.path.normpath(file.parent / line))
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

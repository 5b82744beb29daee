"""Names of files as people see them: é is one letter, and JPG and jpg are one extension.

macOS writes é as two characters, e and an accent, other systems as one. To Linux these are two names.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

from splpaint.images.formats import FORMATS

__all__ = ["PICTURE_SUFFIXES", "SeenNames", "as_seen"]

PICTURE_SUFFIXES = (
    *(suffix for format in FORMATS.values() for suffix in format.suffixes),
    *(".mpo", ".dib", ".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".jp2", ".j2k", ".qoi"),
)
"""Raster formats in which Pillow or a plugin reads photographs; GIF, made for animations, is left out."""
_EXTENSIONS = {*PICTURE_SUFFIXES, ".gif", ".apng"}


def as_seen(name: str) -> str:
    """Normalise a posix path, so that paths that look the same are equal: NFC, extensions of pictures in small
    letters.
    """
    path = PurePosixPath(unicodedata.normalize("NFC", name))
    extension = path.suffix.lower()
    return str(path.with_suffix(extension)) if extension in _EXTENSIONS else str(path)


class SeenNames:
    """Finds files by names that look like theirs; each folder is listed once."""

    def __init__(self) -> None:
        self._folders: dict[Path, dict[str, list[Path]]] = {}

    def find(self, path: Path) -> Path | None:
        """The one file or folder that looks like ``path``, or ``path`` itself; None: there is none, or several.

        Raises:
            OSError: A folder cannot be listed.
        """
        if path.exists() or path == path.parent:
            return path if path.exists() else None
        folder = self.find(path.parent)
        found = self._list(folder).get(as_seen(path.name), []) if folder and folder.is_dir() else []
        return found[0] if len(found) == 1 else None

    def _list(self, folder: Path) -> dict[str, list[Path]]:
        if folder not in self._folders:
            names: dict[str, list[Path]] = {}
            for entry in folder.iterdir():
                names.setdefault(as_seen(entry.name), []).append(entry)
            self._folders[folder] = names
        return self._folders[folder]

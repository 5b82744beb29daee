"""A cache of compiled networks on disk, so that the second start is fast.

A file holds a compiled network and its CRC-32, which takes a fifth of the time of SHA-256. It is written whole or not
at all, so processes may share the folder; a damaged file is not used. A folder that cannot be written does no harm,
and is reported if the user chose it.

The folder is ``SPLPAINT_CACHE``, if that is set (empty: none); otherwise ``splpaint`` in ``$XDG_CACHE_HOME`` or
``~/.cache``, on macOS in ``~/Library/Caches``, on Windows in ``%LOCALAPPDATA%``.
"""

from __future__ import annotations

import contextlib
import os
import sys
import zlib
from pathlib import Path

from splpaint.atomic_files import remove_leftovers, write_atomic
from splpaint.errors import InputError
from splpaint.notices import tell

__all__ = ["cache_folder", "recall", "remember"]

_SUFFIX = ".compiled"
_MOST_FILES = 8
_CHECK_BYTES = 4


def cache_folder() -> Path | None:
    """The folder for compiled networks, which need not be there yet; None: no cache."""
    asked = os.environ.get("SPLPAINT_CACHE")
    if asked is not None:
        return Path(asked) if asked else None
    try:
        home = Path.home()
    except RuntimeError:  # no home folder
        return None
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "splpaint"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "splpaint"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "splpaint"


def recall(folder: Path, key: str) -> bytes | None:
    """Read what was remembered under a key; None if there is nothing, or it is damaged."""
    path = folder / (key + _SUFFIX)
    try:
        with path.open("rb", buffering=0) as file:
            blob = file.read(max(0, os.fstat(file.fileno()).st_size - _CHECK_BYTES))
            check = file.read()
    except OSError:
        return None
    if not blob or check != _check(blob):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # so that the longest unused are removed first
    return blob


def remember(folder: Path, key: str, blob: bytes) -> None:
    """Keep a compiled network, if the folder can be written; the longest unused ones make room for it.

    A folder that the user chose and that cannot be written is reported.
    """
    path = folder / (key + _SUFFIX)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomic(path, blob + _check(blob))
        by_age = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in by_age[_MOST_FILES:]:
            old.unlink(missing_ok=True)
        remove_leftovers(by_age[_MOST_FILES:])
    except (OSError, InputError):
        if os.environ.get("SPLPAINT_CACHE"):
            tell(
                f"SPLPAINT_CACHE must be a folder that can be written, got {folder}, which cannot; every "
                "start compiles the network again"
            )


def _check(blob: bytes) -> bytes:
    return zlib.crc32(blob).to_bytes(_CHECK_BYTES, "little")

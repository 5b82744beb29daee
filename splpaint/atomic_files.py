"""Files that are there whole or not at all: written under a temporary name beside their own, synced, and renamed.

The temporary name is ``.<16 digits of the file's name><16 random digits>.part``. A process that is killed leaves such a
file behind; the next one that writes the same file can tell whose it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from splpaint.errors import InputError

__all__ = [
    "atomic_path",
    "link_atomic",
    "open_atomic",
    "put_file",
    "remove_all_leftovers",
    "remove_leftovers",
    "require_free",
    "sync_folder",
    "write_atomic",
]

_PART = re.compile(r"\.([0-9a-f]{16})[0-9a-f]{16}\.part")


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file; one that is there is replaced.

    Raises:
        InputError: The file cannot be written: the folder is locked, the disk is full.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def open_atomic(path: Path, *, overwrite: bool = False) -> Iterator[TextIO]:
    """Open a UTF-8 text file (line ends stay as written) under a temporary name.

    Args:
        path: What it becomes when all went well; its folder is made if missing.
        overwrite: Whether a file that is there is replaced.

    Raises:
        InputError: ``path`` is taken (told before anything is done) or cannot be written.
    """
    with (
        atomic_path(path, overwrite=overwrite) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        yield file


@contextlib.contextmanager
def atomic_path(path: Path, *, overwrite: bool = True) -> Iterator[Path]:
    """Give a temporary name in the same folder to write to; it becomes ``path`` when all went well.

    Args:
        path: The file; its folder is made if missing.
        overwrite: Whether a file that is there is replaced.

    Raises:
        InputError: ``path`` is taken (told before anything is done) or cannot be written: the folder is locked, the
            disk is full, a name that is written into it is not Unicode.
    """
    require_free(path, overwrite=overwrite)
    temporary = path.with_name(f".{_digits(path.name)}{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _sync(temporary)
        temporary.replace(path)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path} cannot be written: a name in it is not Unicode, {error.object[:200]!r}; rename that file"
        ) from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror or error}); choose another place"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # the folder may be no folder
            temporary.unlink(missing_ok=True)


def link_atomic(file: Path, path: Path) -> None:
    """Give a file a second name; one that is there is replaced. Where the disk knows no links, the file is copied.

    Raises:
        InputError: The file cannot be written: the folder is locked, the disk is full.
    """
    with atomic_path(path) as temporary:
        try:
            os.link(file, temporary)
        except OSError:
            shutil.copyfile(file, temporary)


def sync_folder(folder: Path) -> None:
    """Have the names of a folder's files on the disk, so that a power cut does not undo what was renamed."""
    if sys.platform == "win32":  # where a folder cannot be opened, and need not be
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_file(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file, unless the very same is there already, as after an interrupted run.

    Raises:
        InputError: Another file is there, or ``path`` cannot be written.
    """
    try:
        if not overwrite and path.is_file():
            if path.read_bytes() == data:
                return
            raise InputError(
                f"expected a free name or the same file, got {path} with other contents; choose another folder or "
                "`overwrite=True`"
            )
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error}); choose another place") from error
    with atomic_path(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(data)


def require_free(
    path: Path,
    *,
    overwrite: bool,
    inputs: Sequence[Path] = (),
    name: str = "the output",
    make_folder: bool = True,
) -> None:
    """Make sure that a file may be written.

    Args:
        path: The file.
        overwrite: Whether one that is there may be replaced.
        inputs: Files that must stay as they are.
        name: What the message calls the file.
        make_folder: Whether a missing folder will be made.

    Raises:
        InputError: It exists and ``overwrite`` is off, it is a folder or below a file, it is one of ``inputs``, or its
            folder is missing.
    """
    if not make_folder and not path.parent.is_dir():
        raise InputError(f"the folder of {path} does not exist; make it first")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir():
        raise InputError(f"{path} cannot be written: {above} is a file and no folder; choose another place")
    if not os.path.lexists(path):
        return
    if path.exists() and any(path.samefile(each) for each in inputs):
        raise InputError(f"{name} must be another file than the input, got {path}; choose another name")
    if path.is_dir():
        raise InputError(f"{name} must be a file, got the folder {path}; add a file name")
    if not overwrite:
        raise InputError(f"{path} exists already; choose another name or pass `overwrite=True`")


def remove_leftovers(files: Iterable[Path]) -> int:
    """Remove what killed processes have left of these files; leftovers of other files stay.

    Args:
        files: Files that no other process is writing now; they need not be there.

    Returns:
        How many leftovers were removed.
    """
    ours: dict[Path, set[str]] = {}
    for file in files:
        ours.setdefault(file.parent, set()).add(_digits(file.name))
    removed = 0
    for folder, digits in ours.items():
        for path in list(folder.iterdir()) if folder.is_dir() else []:
            found = _PART.fullmatch(path.name)
            if found and found[1] in digits:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def remove_all_leftovers(folder: Path) -> None:
    """Remove what killed processes have left in a folder, at any depth, to which no other process is writing now."""
    for path in list(folder.rglob(".*.part")):
        if _PART.fullmatch(path.name):
            path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _digits(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:16]

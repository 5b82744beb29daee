"""Files written bit by bit that are there whole or not at all, and never in place of another by accident.

For lists and tables written line by line and for sets of many small files; a single file that should outlive a
power cut is written by ``splpaint.whole_files``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from splpaint.errors import InputError

__all__ = ["finished_file", "finished_path", "put_file", "require_free"]


@contextmanager
def finished_file(path: Path, *, overwrite: bool = False) -> Iterator[TextIO]:
    """Open a UTF-8 text file (LF as written) under another name; everything else as ``finished_path``."""
    with (
        finished_path(path, overwrite=overwrite) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        yield file


@contextmanager
def finished_path(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Another name in the same folder to write to; it becomes ``path`` when all went well.

    Args:
        path: Its folder is made where it is not there.
        overwrite: Replace a file that is there.

    Raises:
        InputError: ``path`` is taken (told before anything is done) or cannot be written.
    """
    require_free(path, overwrite=overwrite)
    # The suffix says which format is meant to whoever writes there.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path} cannot be written: a name in it is not Unicode, {error.object[:200]!r}; rename that file"
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error}); choose another place") from error
    finally:
        with suppress(OSError):  # the folder may be none
            temporary.unlink(missing_ok=True)


def require_free(path: Path, *, overwrite: bool) -> None:
    """Refuse a name that is taken (always by a folder, by a file unless it may be replaced) or cannot be made."""
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir():
        raise InputError(f"{path} cannot be written: {above} is a file and no folder; choose another place")
    if path.exists() and not (overwrite and path.is_file()):
        raise InputError(f"expected a free name, got {path}, which is there; choose another or --overwrite")


def put_file(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file, or find that the very same is there already, as after an interrupted run.

    Raises:
        InputError: Another file is there, or ``path`` cannot be written.
    """
    try:
        if not overwrite and path.is_file():
            if path.read_bytes() == data:
                return
            raise InputError(
                f"expected a free name or the same file, got {path} with other contents; choose another folder or "
                "--overwrite"
            )
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error}); choose another place") from error
    with finished_path(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(data)

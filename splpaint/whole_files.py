"""Files that are there whole or not at all: written under another name beside their own and then renamed.

The other name is ``.<16 digits of the file's name><16 random digits>.part``. A process that is killed leaves
such a file behind; whoever writes the same file next can tell that it is its predecessor's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from splpaint.errors import InputError

__all__ = ["remove_leftovers", "write_whole"]

_PART = re.compile(r"\.([0-9a-f]{16})[0-9a-f]{16}\.part")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name beside it and rename it: it is there whole, or not at all.

    Raises:
        InputError: The folder is missing or locked, the disk is full.
    """
    part = path.with_name(f".{_digits(path.name)}{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InputError(f"{path} cannot be written ({error.strerror}); choose another place") from error
        raise


def remove_leftovers(files: Iterable[Path]) -> int:
    """Remove what killed processes left of these files; what belongs to other files stays.

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


def _digits(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:16]

"""A folder that only one process may write to: a lock that ends with its process, whatever ends that."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from splpaint.errors import InputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["only_writer"]

_LOCK_FILE = ".lock"
_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
_held: set[Path] = set()  # by this process, to which the system would give a lock twice
_held_lock = threading.Lock()


@contextlib.contextmanager
def only_writer(folder: Path, *, doing: str) -> Iterator[None]:
    """Hold the lock of a folder.

    Args:
        folder: Made if missing. The lock is a file ``.lock`` in it, which stays.
        doing: What the message says is done there: "training".

    Raises:
        InputError: Another process writes to it, or it cannot be written to.
    """
    taken = InputError(f"{folder} is in use by another {doing}; wait for its end or choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = folder.resolve()
        descriptor = os.open(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror}); choose another folder") from error
    try:
        with _held_lock:
            if place in _held or not _lock(descriptor):
                raise taken
            _held.add(place)
        try:
            yield
        finally:
            with _held_lock:
                _held.discard(place)
    finally:
        os.close(descriptor)  # and with it the lock


def _lock(descriptor: int) -> bool:
    # Of the process alone: flock, which the library filelock takes, would live on in the loading processes of one that
    # was killed.
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _TAKEN  # a file system without locks
    return True

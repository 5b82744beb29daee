"""What a person should know though the work goes on: a warning, or a note that belongs to one picture.

Python's warning filters are one for the whole process. Where several threads work on a picture each, every
thread collects its own notes instead, so that none is lost and each stands beside its picture.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["PictureWarning", "collected", "tell"]


class PictureWarning(UserWarning):
    """Something about a picture or mask that a person should know, though the work goes on."""


_notes: ContextVar[list[str] | None] = ContextVar("notes", default=None)


def tell(message: str, *, stacklevel: int = 2) -> None:
    """Say something: as a note inside ``collected``, as a ``PictureWarning`` elsewhere.

    Args:
        message: One line.
        stacklevel: As for ``warnings.warn``, counted from the caller of this function.
    """
    notes = _notes.get()
    if notes is None:
        warnings.warn(message, PictureWarning, stacklevel=stacklevel + 1)
    else:
        notes.append(message)


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collect what is told inside, in this thread only, as a list of messages."""
    notes: list[str] = []
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)

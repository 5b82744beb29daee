"""What a person should know though the work goes on: a warning, or a note that belongs to one picture.

Python's warning filters are one for the whole process. Where several threads work on a picture each, every
thread collects its own notes instead, so that none is lost and each stands beside its picture.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["PictureWarning", "collected", "tell"]


class PictureWarning(UserWarning):
    """Something about a picture or mask that a person should know, though the work goes on."""


_notes: ContextVar[list[str] | None] = ContextVar("notes", default=None)


def tell(message: str) -> None:
    """Say something: as a note inside ``collected``, elsewhere as a ``PictureWarning``.

    The warning points at the line outside the package that called into it.

    Args:
        message: One line.
    """
    notes = _notes.get()
    if notes is None:
        warnings.warn(message, PictureWarning, stacklevel=_levels_to_the_caller())
    else:
        notes.append(message)


def _levels_to_the_caller() -> int:
    # As warnings.warn counts them, from its caller ``tell``.
    package = __name__.partition(".")[0]
    frame, levels = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame, levels = frame.f_back, levels + 1
    return levels


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collect what is told inside, in this thread only, as a list of messages."""
    notes: list[str] = []
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)

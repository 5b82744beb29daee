"""What the user should know though nothing has failed: a warning, or a note that belongs to one picture.

Python has one set of warning filters for the whole process. If several threads work on a picture each, every thread
collects its own notes instead, so that none is lost and each stays with its picture.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["PictureWarning", "collected", "tell"]


class PictureWarning(UserWarning):
    """Something about a picture or mask that the user should know, though nothing has failed."""


_notes: ContextVar[list[str] | None] = ContextVar("notes", default=None)


def tell(message: str) -> None:
    """Tell the user something: as a note inside ``collected``, elsewhere as a ``PictureWarning``.

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
    # Counted like ``stacklevel``, from ``tell``.
    package = __name__.partition(".")[0]
    frame, levels = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame, levels = frame.f_back, levels + 1
    return levels


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collect the messages that are told inside, in this thread only."""
    notes: list[str] = []
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)

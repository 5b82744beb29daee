"""Photographs that cannot be decoded: how many a training run tolerates, and the list that it keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from splpaint.errors import InputError

__all__ = ["UNREADABLE_FILE", "UnreadableLog", "most_unreadable", "too_many_unreadable", "unreadable_line"]

UNREADABLE_FILE = "unreadable.txt"
_SHARE = 100  # one in a hundred


def most_unreadable(pictures: int) -> int:
    """How many of a number of photographs may be unreadable: 1 %, rounded down."""
    return pictures // _SHARE


def unreadable_line(name: str, error: InputError) -> str:
    """A line of the list: where the photograph is, a tab, the reason."""
    return "\t".join(" ".join(text.split()) for text in (name, str(error)))


def too_many_unreadable(unreadable: Sequence[str], pictures: int) -> InputError:
    """The error that stops a run.

    Args:
        unreadable: Lines of ``unreadable_line``.
        pictures: How many photographs there are.
    """
    first = "; ".join(line.partition("\t")[0] for line in unreadable[:3])
    return InputError(
        f"expected at most {most_unreadable(pictures)} (1 %) of {pictures} pictures that cannot be decoded, got "
        f"{len(unreadable)} so far ({first} ...); `splpaint data prepare` writes a list of those that can be"
    )


class UnreadableLog:
    """The file ``unreadable.txt`` of a run: every photograph once, with the reason, one a line.

    Args:
        folder: Of the run; None: nothing is written down.
        pictures: How many photographs it trains on.
        resume: Continue the file that is there instead of starting a new one.
    """

    def __init__(self, folder: Path | None, pictures: int, *, resume: bool) -> None:
        self._file = None if folder is None else folder / UNREADABLE_FILE
        self._pictures = pictures
        self._known: dict[str, str] = {}  # picture => its line
        if self._file is None:
            return
        if not resume:
            self._file.unlink(missing_ok=True)
        elif self._file.exists():
            self._known = {_picture(line): line for line in self._file.read_text("utf-8").splitlines()}

    def add(self, unreadable: Iterable[str]) -> list[str]:
        """Write down the lines that are new, and return them.

        Args:
            unreadable: ``Sample.unreadable`` of a batch.

        Raises:
            InputError: They are more than 1 % of the photographs by now.
        """
        new = []
        for line in "\n".join(unreadable).splitlines():
            if line and _picture(line) not in self._known:
                self._known[_picture(line)] = line
                new.append(line)
                if self._file is not None:
                    with self._file.open("a", encoding="utf-8", errors="backslashreplace") as file:
                        file.write(f"{line}\n")
        if len(self._known) > most_unreadable(self._pictures):
            raise too_many_unreadable(list(self._known.values()), self._pictures)
        return new


def _picture(line: str) -> str:
    return line.partition("\t")[0]

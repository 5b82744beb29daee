"""What can go wrong, by name: every message says what was expected, what was got and what to do.

Parameters are written in messages and notices as in Python, in backquotes: pass `overwrite=True`. A program around the
package, such as the command line, can put its own words in their place.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SplpaintError(Exception):
    """Base of all errors that a user can mend; the command line prints them and exits with code 2."""


class InputError(SplpaintError, ValueError):
    """A picture, mask, list or option is not what the operation needs."""


class DamagedError(InputError):
    """A picture's file is damaged or cut short."""


class SizeMismatchError(InputError):
    """A mask has another size than its picture."""


class ModelError(SplpaintError):
    """A model folder, checkpoint or weights file is missing, damaged or of another kind."""


class DownloadError(SplpaintError):
    """A file on the web cannot be had, or is another one."""


class MissingExtraError(SplpaintError, ModuleNotFoundError):
    """A command or a name of the package needs an optional install that is not there."""

    def __init__(self, needed_for: str, extra: str, module: str) -> None:
        size = " (some GB; docs/train.md says how to do without those for a GPU)" if module == "torch" else ""
        super().__init__(
            f"{needed_for} needs the module {module}, which is not installed; in the clone of splpaint "
            f"run: pip install '.[{extra}]'{size}",
            name=module,
        )


class NonFiniteLossError(SplpaintError, ArithmeticError):
    """Training met a loss that is NaN or infinite."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: "; did you mean X?", or "; choose one" if no known name is like it."""
    near = nearest_name(name, known)
    return f"; did you mean {near}?" if near else "; choose one"


def nearest_name(name: str, known: Iterable[str], *, least_likeness: float = 0.6) -> str | None:
    """The known name that is most like ``name``, whatever the case of letters; None if none is like it.

    Args:
        name: The unknown name.
        known: The known ones.
        least_likeness: In [0,1]; 0: the nearest name, even if it is quite another one.
    """
    by_small_letters = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), by_small_letters, n=1, cutoff=least_likeness)
    return by_small_letters[near[0]] if near else None

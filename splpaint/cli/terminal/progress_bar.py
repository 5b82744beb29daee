"""The progress bar of long commands, and the lines that say what a command noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

import typer

from splpaint.cli.terminal.wording import in_options

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["crops_shown", "each", "progress", "warn"]

Item = TypeVar("Item")


class Advance(Protocol):
    """Moves a progress bar on, by one or more."""

    def __call__(self, steps: int = 1) -> None:
        """So many are done."""


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Advance]:
    """A progress bar on stderr, where that is a terminal; gives the function that moves it on."""
    with _bar() as bar:
        task = bar.add_task(title, total=total)
        yield lambda steps=1: bar.advance(task, steps)


@contextmanager
def crops_shown(title: str) -> Iterator[Callable[[int, int], None]]:
    """The same for one large picture; gives the function that is told how many crops of how many are done."""
    with _bar() as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


def each(items: Iterable[Item], advance: Callable[[], None]) -> Iterator[Item]:
    """The items, calling ``advance`` after each."""
    for item in items:
        yield item
        advance()


def warn(message: str) -> None:
    """One line on stderr, parameters named as options."""
    typer.secho(f"warning: {in_options(message)}", err=True, fg=typer.colors.YELLOW)

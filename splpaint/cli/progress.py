"""The progress bar of long commands, and the lines that say what a command noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import typer

__all__ = ["each", "progress", "warn"]

Item = TypeVar("Item")


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, where that is a terminal; gives the function that moves it on by one."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)


def each(items: Iterable[Item], advance: Callable[[], None]) -> Iterator[Item]:
    """The items, calling ``advance`` after each."""
    for item in items:
        yield item
        advance()


def warn(message: str) -> None:
    """One line on stderr."""
    typer.secho(f"warning: {message}", err=True, fg=typer.colors.YELLOW)

"""The progress bar of long commands, and lines of warning."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

import typer

from splpaint.cli.terminal.wording import in_options

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, TaskID

__all__ = [
    "INTERRUPTED",
    "crop_progress",
    "download_progress",
    "each",
    "on_interruption",
    "progress",
    "stage_progress",
    "warn",
]

Item = TypeVar("Item")

INTERRUPTED = 130  # the exit code


class Advance(Protocol):
    """Moves a progress bar on, by one or more."""

    def __call__(self, steps: int = 1) -> None:
        """This many steps are done."""


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Advance]:
    """Show a progress bar on stderr, if that is a terminal; gives the function that moves it on."""
    with _bar() as bar:
        task = bar.add_task(title, total=total)
        yield lambda steps=1: bar.advance(task, steps)


@contextmanager
def crop_progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar for one large image; gives the function that takes the numbers of crops done and of all."""
    if not sys.stderr.isatty():  # then without importing rich, which takes as long as decoding a photograph
        yield lambda done, total: None
        return
    with _bar() as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def stage_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar for each stage of a command; gives the function that takes a stage, what is done, and all."""
    with _bar() as bar:
        tasks: dict[str, TaskID] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage)
            bar.update(tasks[stage], completed=done, total=total)

        yield update


@contextmanager
def download_progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar for a download; gives the function that takes the numbers of bytes there and of all."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with _bar(*columns) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _bar(*columns: ProgressColumn) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def each(items: Iterable[Item], advance: Callable[[], None]) -> Iterator[Item]:
    """Yield the items, and call ``advance`` after each."""
    for item in items:
        yield item
        advance()


def warn(message: str) -> None:
    """Print one line on stderr, with options in place of parameters."""
    typer.secho(f"warning: {in_options(message)}", err=True, fg=typer.colors.YELLOW)


@contextmanager
def on_interruption(advice: str) -> Iterator[None]:
    """At Ctrl-C print one line on stderr, and exit with 130."""
    try:
        yield
    except KeyboardInterrupt as interruption:
        typer.secho(f"interrupted: {advice}", err=True, fg=typer.colors.RED)
        raise typer.Exit(INTERRUPTED) from interruption

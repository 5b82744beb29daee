"""What commands share that paint many pictures: progress with a rate, a gentle end, what is told of single pictures."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer

from splpaint.cli.terminal.wording import in_options

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["batch_progress", "describe_kept", "say_aside", "stop_between_pictures", "stop_once"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def stop_between_pictures() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C or SIGTERM has asked to stop: what is under way is finished. A second one interrupts at once.

    Nothing is raised at the first one: it could come amid a lock that other threads wait for.
    """
    asked: list[int] = []

    def note(number: int, _: object) -> None:
        asked.append(number)
        if len(asked) > 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def stop_once() -> Iterator[None]:
    """Have SIGTERM interrupt as Ctrl-C does, once: signals after the first are ignored until the program has ended."""

    def stop(*_: object) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def batch_progress() -> Progress:
    """A progress bar on stderr, if that is a terminal, with pictures a second and the time that is left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.2f}/s" if task.speed else "")

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    return Progress("{task.description}", *columns, console=console, disable=not console.is_terminal)


def describe_kept(count: int) -> str:
    """What the summary says of results that were there."""
    results = "result" if count == 1 else "results"
    return f"kept {count} {results} that were there (--overwrite repaints)" if count else "kept 0 results"


def say_aside(kind: str, message: str, colour: str) -> None:
    """Print a line on stderr, with options in place of parameters."""
    typer.secho(f"{kind}: {in_options(message)}", err=True, fg=colour)

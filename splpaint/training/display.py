"""What the user sees of a run: lines, and a progress bar with the losses and the pace."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["Display", "say"]

_LINE_EVERY_S = 60.0


def say(line: str, console: Console | None = None) -> None:
    """Print one line."""
    (console or Console()).print(line, markup=False, highlight=False)


class Display:
    """A progress bar on a terminal; elsewhere, as in the log of a cluster's job, a line a minute.

    Args:
        total_images: Samples of the whole run.
        images_seen: Samples used before its start.
        start_s: When the run started, by ``time.monotonic``.
        every_s: Seconds between two steps that are shown.
        wording: Turns a line into the words that are shown.
        shown: False: nothing is.
    """

    def __init__(
        self,
        total_images: int,
        images_seen: int,
        start_s: float,
        *,
        every_s: float = 2.0,
        wording: Callable[[str], str] = str,
        shown: bool = True,
    ) -> None:
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[losses]}"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            disable=not shown,
        )
        self._task = self._bar.add_task(
            "training", total=total_images, completed=images_seen, losses="", rate=""
        )
        self._total_images = total_images
        self._images_seen = images_seen
        self._start_s = start_s
        self._lined = -_LINE_EVERY_S
        self._every_s = every_s
        self._wording = wording
        self._visible = shown
        self._shown: float | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        self._ready = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def say(self, line: str) -> None:
        """Print one line above the bar."""
        if self._visible:
            say(self._wording(line), self._bar.console)

    def step(self, images_seen: int, read: Callable[[], dict[str, float]]) -> None:
        """Show a step: the first one, and then one every ``every_s`` seconds.

        Args:
            images_seen: Samples used by now.
            read: Returns the losses; on a GPU it waits for the step.
        """
        now = time.monotonic()
        if self._shown is not None and now - self._shown < self._every_s:
            return
        losses = " ".join(f"{name} {value:.4f}" for name, value in read().items())
        now, since = time.monotonic(), self._shown or self._ready
        pace = (images_seen - self._images_seen) / (now - since)
        rate = f"{pace:.1f} images/s"
        self._bar.update(self._task, completed=images_seen, losses=losses, rate=rate)
        if not self._bar.console.is_terminal and now - self._lined >= _LINE_EVERY_S:
            left = timedelta(seconds=round((self._total_images - images_seen) / pace))
            self.say(f"{images_seen:,} of {self._total_images:,} images, {losses}, {rate}, {left} left")
            self._lined = now
        if self._shown is None:
            self.say(
                f"{self._ready - self._start_s:.1f} s until the first step, which took {now - self._ready:.1f} s"
            )
        self._shown, self._images_seen = now, images_seen

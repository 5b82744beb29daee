"""``splpaint paint FOLDER``: progress while a folder is painted, and the result."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from splpaint.cli.terminal import (
    INTERRUPTED,
    PIPE,
    batch_progress,
    describe_kept,
    say,
    say_aside,
    stop_between_pictures,
)

if TYPE_CHECKING:
    from splpaint.cli.terminal import PaintSettings
    from splpaint.inference import Outcome, Painter


def paint_folder(photos: Path, settings: PaintSettings, *, save_mask: Path | None, shard: str | None) -> int:
    """Paint a folder; return the exit code: 0, 1 with misses, 130 if interrupted.

    Raises:
        InputError: Nothing can be painted.
    """
    from splpaint.errors import InputError
    from splpaint.inference import give_memory_back, others_in, plan_batch, run_batch
    from splpaint.shares import WHOLE, Share

    if settings.output is None or str(settings.output) == PIPE:
        raise InputError(f"{photos} is a folder: it is painted into another folder; pass --output FOLDER")
    if save_mask is not None:
        raise InputError(f"--save-mask is for one photograph, got the folder {photos}; leave it out")
    part = Share.parse(shard, "--shard") if shard else WHOLE
    jobs = plan_batch(
        photos, settings.mask, settings.output, avoid=settings.avoid, format=settings.format, shard=part
    )
    painter = settings.model.load(many_at_once=True)
    give_memory_back()
    settings.output.mkdir(parents=True, exist_ok=True)
    started_s = time.perf_counter()
    outcomes = run_batch(
        painter,
        jobs,
        settings.options,
        overwrite=settings.overwrite,
    )
    done: list[Outcome] = []
    interrupted = False
    with stop_between_pictures() as stopped, contextlib.closing(outcomes):
        try:
            for outcome in _show_progress(outcomes, total=len(jobs)):
                done.append(outcome)
                if interrupted := stopped():
                    break
        except KeyboardInterrupt:
            interrupted = True
    if others := others_in(photos):
        say_aside("left out", f"{others} in {photos}, no pictures by their names", typer.colors.YELLOW)
    _summarise(done, len(jobs), painter, time.perf_counter() - started_s, interrupted=interrupted)
    if interrupted:
        return INTERRUPTED
    return int(any(outcome.reason for outcome in done))


def _show_progress(outcomes: Iterator[Outcome], *, total: int) -> Iterator[Outcome]:
    with batch_progress() as progress:
        task = progress.add_task("painting", total=total)
        for outcome in outcomes:
            for note in outcome.notes:
                say_aside(
                    "warning", f"{typer.format_filename(outcome.job.photo)}: {note}", typer.colors.YELLOW
                )
            progress.update(task, advance=1)
            yield outcome


def _summarise(
    done: list[Outcome], total: int, painter: Painter, seconds: float, *, interrupted: bool
) -> None:
    for outcome in done:
        if outcome.reason:
            name = typer.format_filename(outcome.job.photo)
            reason = outcome.reason if name in outcome.reason else f"{name}: {outcome.reason}"
            say_aside(outcome.state, reason, typer.colors.RED)
    if interrupted:
        say_aside("interrupted", "run the same command again to continue", typer.colors.RED)
    counts = Counter(outcome.state for outcome in done)
    painted = counts["painted"]
    at_least = "at least " if interrupted else ""  # what was under way is finished, but no longer counted
    say(
        f"painted {at_least}{painted} of {total} pictures by {painter.model} on {painter.engine} in "
        f"{painter.precision}, {describe_kept(counts['done already'])}, {counts['missing']} without a mask, "
        f"{counts['failed']} failed{_describe_growth(done)}; {seconds:.1f} s, "
        f"{painted / max(seconds, 1e-9):.2f}/s"
    )


def _describe_growth(done: list[Outcome]) -> str:
    grown_px = sorted({outcome.grown_px for outcome in done if outcome.grown_px})
    if not grown_px:
        return ""
    return f"; masks grown by {' to '.join(map(str, dict.fromkeys((grown_px[0], grown_px[-1]))))} px"

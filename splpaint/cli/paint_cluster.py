"""``splpaint paint PICTURES --cluster ADDRESS``: progress while a cluster paints, and the result."""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from splpaint.cli.terminal import (
    INTERRUPTED,
    PIPE,
    PaintSettings,
    batch_progress,
    describe_kept,
    in_options,
    say,
    say_aside,
    stop_once,
)

if TYPE_CHECKING:
    from splpaint.cluster import Record
    from splpaint.inference import PhotoMask

_TOLD = 20
"""Failures that are printed; the manifest holds all."""

_URL = re.compile(r"([a-z][a-z0-9]+):/+(?=[^/])")


def is_url(path: Path) -> bool:
    """Whether a URL was given, of whose two slashes ``Path`` has made one."""
    return _URL.match(str(path)) is not None


def paint_cluster(photos: Path, settings: PaintSettings, *, address: str) -> int:
    """Paint a folder, a prefix or a list of pairs; return the exit code: 0, 1 with misses, 130 if interrupted.

    Raises:
        InputError: Nothing can be painted.
    """
    from splpaint.cluster import describe_task, paint_on_cluster, plan_pictures
    from splpaint.errors import InputError

    if settings.output is None or str(settings.output) == PIPE:
        raise InputError(f"{photos} is painted into a folder or a store; pass --output PLACE")
    model, device, precision, texture = settings.model
    if device.lower() not in {"auto", "cpu"}:
        raise InputError(f"--cluster paints on CPUs, got --device {device}; leave it out")
    plan = plan_pictures(
        _name(photos),
        _mask_name(settings.mask),
        _name(settings.output),
        avoid=_name(settings.avoid.path) if settings.avoid else None,
        format=settings.format,
    )
    task = describe_task(
        plan,
        settings.options,
        model=model,
        precision=precision,
        texture=texture,
        overwrite=settings.overwrite,
    )
    summary = _Summary(len(plan.pictures), plan.output)
    records = paint_on_cluster(plan, task, address=address, in_words=in_options)
    try:
        with stop_once(), contextlib.closing(records), batch_progress() as progress:
            bar = progress.add_task("painting", total=summary.total)
            for record in records:
                summary.count(record)
                progress.update(bar, advance=1)
    except KeyboardInterrupt:
        summary.interrupted = True
    if plan.others:
        say_aside(
            "left out", f"{plan.others} in {_name(photos)}, no pictures by their names", typer.colors.YELLOW
        )
    return summary.tell()


def _name(path: Path) -> str:
    return _URL.sub(r"\1://", str(path), count=1)


def _mask_name(mask: PhotoMask) -> str | None:
    from splpaint.cluster import ALPHA
    from splpaint.inference import MaskFile, Transparency

    if isinstance(mask, MaskFile):
        return _name(mask.path)
    return ALPHA if isinstance(mask, Transparency) else None


class _Summary:
    """Counts what becomes of the pictures."""

    def __init__(self, total: int, output: str) -> None:
        self.total = total
        self.interrupted = False
        self._output = output
        self._started_s = time.perf_counter()
        self._states: Counter[str] = Counter()
        self._painters: Counter[str] = Counter()
        self._notes = 0
        self._troubled: list[Record] = []

    def count(self, record: Record) -> None:
        """Count one."""
        self._states[record.status] += 1
        self._notes += bool(record.notes)
        if record.status == "painted":
            self._painters[record.painter] += 1
        if record.error and len(self._troubled) < _TOLD:
            self._troubled.append(record)

    def tell(self) -> int:
        """Print the result; return the exit code."""
        states = self._states
        for record in self._troubled:
            name = typer.format_filename(record.input)
            error = record.error if name in record.error else f"{name}: {record.error}"
            say_aside(record.status, error, typer.colors.RED)
        troubled = states["missing"] + states["failed"]
        if troubled > _TOLD:
            say_aside("and", f"{troubled - _TOLD} more, listed in the manifest", typer.colors.RED)
        if self._notes:
            say_aside("warning", f"{self._notes} pictures have notes in the manifest", typer.colors.YELLOW)
        if self.interrupted:
            say_aside("interrupted", "run the same command again to continue", typer.colors.RED)
        seconds = time.perf_counter() - self._started_s
        painters = " and ".join(self._painters)
        at_least = "at least " if self.interrupted else ""  # some may be written and not yet reported
        manifest = f"; {self._output}/manifest.csv" if states else ""
        say(
            f"painted {at_least}{states['painted']} of {self.total} pictures{f' by {painters}' if painters else ''}, "
            f"{describe_kept(states['kept'])}, {states['missing']} without a mask, {states['failed']} failed; "
            f"{seconds:.1f} s, {states['painted'] / max(seconds, 1e-9):.2f}/s{manifest}"
        )
        return INTERRUPTED if self.interrupted else int(troubled > 0)

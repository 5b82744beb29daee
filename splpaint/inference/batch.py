"""Folders of photographs: decoding, network and encoding of several pictures overlap, in bounded memory.

Every file appears under its name whole or not at all, so a batch that ends at any point, however rudely, goes
on where it was when it is started again.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Literal, NamedTuple

from splpaint.atomic_files import remove_leftovers, write_atomic
from splpaint.errors import InputError, SplpaintError
from splpaint.images import (
    MAX_PIXELS,
    Photo,
    choose_output,
    count_pixels,
    format_of,
    format_of_suffix,
    name_and_content,
    read_photo,
)
from splpaint.inference.batch_plan import Job
from splpaint.inference.hole_rules import HoleRules, find_hole
from splpaint.inference.paint_photo import painted_file
from splpaint.inference.painter import Painter
from splpaint.inference.photo_mask import MaskFile
from splpaint.notices import collected, tell
from splpaint.parallel import PixelBudget, ordered_map

__all__ = ["Outcome", "run_batch"]

State = Literal["painted", "done already", "missing", "failed"]


class Outcome(NamedTuple):
    """What became of one picture.

    Attributes:
        job: What was to be done.
        state: ``painted``; ``done already``, so skipped; ``missing``: without a mask; or ``failed``.
        reason: Why it is missing or failed.
        notes: What a person should know of it.
    """

    job: Job
    state: State
    reason: str = ""
    notes: tuple[str, ...] = ()


def run_batch(
    painter: Painter,
    jobs: list[Job],
    rules: HoleRules,
    *,
    feather_px: int = 0,
    quality: int | None = None,
    accept_damaged: bool = False,
    overwrite: bool = False,
    workers: int | None = None,
) -> Generator[Outcome, None, None]:
    """Paint pictures and write them, several at once.

    Args:
        painter: Paints them all.
        jobs: From ``plan_batch``. No other process must be writing their targets.
        rules: How masks are read.
        feather_px: As ``feather`` of the painter.
        quality: As for ``encode_photo``.
        accept_damaged: As for ``read_photo``.
        overwrite: Paint again what is done already.
        workers: Threads; one more than the usable cores, if not given.

    Yields:
        One outcome for each job, in their order. A picture that fails never ends the others.
    """
    remove_leftovers(job.target for job in jobs)
    inputs = {path.resolve() for job in jobs for path in _files(job)}
    budget = PixelBudget(MAX_PIXELS)

    def work(job: Job) -> Outcome:
        if job.trouble:
            return Outcome(job, "missing", job.trouble)
        if not overwrite and job.target.is_file():
            return Outcome(job, "done already")
        with collected() as notes:
            try:
                if job.target.resolve() in inputs:
                    raise InputError(f"{job.target} is one of the inputs; choose another output folder")
                with budget.room_for(count_pixels(job.photo)):
                    _paint(painter, job, rules, feather_px, quality, accept_damaged)
            except SplpaintError as error:
                return Outcome(job, "failed", str(error), tuple(notes))
            except Exception as error:  # whatever it is, the others go on
                return Outcome(job, "failed", f"{type(error).__name__}: {error}", tuple(notes))
        return Outcome(job, "painted", notes=tuple(notes))

    yield from ordered_map(work, jobs, workers=workers)


def _files(job: Job) -> list[Path]:
    return [job.photo, job.mask.path] if isinstance(job.mask, MaskFile) else [job.photo]


def _paint(
    painter: Painter, job: Job, rules: HoleRules, feather_px: int, quality: int | None, accept_damaged: bool
) -> None:
    photo, hole = find_hole(read_photo(job.photo, accept_damaged=accept_damaged), job.mask, rules)
    _tell_of_another_format(photo, job.target)
    job.target.parent.mkdir(parents=True, exist_ok=True)
    choose_output(photo, job.target, overwrite=True)
    format = format_of(job.target)
    data = painted_file(lambda: painter, photo, hole, format, feather_px=feather_px, quality=quality)
    write_atomic(job.target, data)


def _tell_of_another_format(photo: Photo, target: Path) -> None:
    named = format_of_suffix(photo.path.suffix)
    if named and named.name != photo.format:
        tell(f"{name_and_content(photo)}; it is written as {format_of(target).name}")

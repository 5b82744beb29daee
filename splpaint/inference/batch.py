"""Folders of photos: decoding, network and encoding of several photos overlap, in bounded memory.

Every file appears under its name whole or not at all, so a batch that is killed at any point continues where it was
when it is started again.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Literal, NamedTuple

from splpaint.atomic_files import remove_leftovers
from splpaint.errors import InputError, SplpaintError
from splpaint.images import (
    MAX_PIXELS,
    Photo,
    count_pixels,
    format_of_suffix,
    name_and_content,
)
from splpaint.inference.batch_plan import Job
from splpaint.inference.outputs import FileOutput, Target
from splpaint.inference.paint_photo import PaintOptions, paint_file
from splpaint.inference.painter import Painter
from splpaint.inference.photo_mask import MaskFile
from splpaint.notices import collected, tell
from splpaint.parallel import PixelBudget, ordered_map

__all__ = ["Outcome", "run_batch"]

State = Literal["painted", "done already", "missing", "failed"]


class Outcome(NamedTuple):
    """The outcome of one job.

    Attributes:
        job: The job.
        state: ``painted``; ``done already``, so skipped; ``missing``: without a mask; or ``failed``.
        reason: Why it is missing or failed.
        notes: What the user should know of it.
        grown_px: How far the mask was grown.
    """

    job: Job
    state: State
    reason: str = ""
    notes: tuple[str, ...] = ()
    grown_px: int = 0


def run_batch(
    painter: Painter,
    jobs: list[Job],
    options: PaintOptions,
    *,
    overwrite: bool = False,
    workers: int | None = None,
) -> Generator[Outcome, None, None]:
    """Paint photos and write them, several at once.

    Args:
        painter: Paints them.
        jobs: From ``plan_batch``. No other process may write their targets.
        options: How they are painted.
        overwrite: Paint again what is done already.
        workers: Threads; by default one more than the usable cores.

    Yields:
        One outcome for each job, in their order. A photo that fails never ends the others.
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
                    painted = paint_file(
                        lambda: painter,
                        job.photo,
                        job.mask,
                        _JobOutput(job.target),
                        options,
                        avoid=job.avoid,
                    )
            except SplpaintError as error:
                return Outcome(job, "failed", str(error), tuple(notes))
            except Exception as error:  # whatever it is, the others continue
                return Outcome(job, "failed", f"{type(error).__name__}: {error}", tuple(notes))
        return Outcome(job, "painted", notes=tuple(notes), grown_px=painted.grown_px)

    yield from ordered_map(work, jobs, workers=workers)


def _files(job: Job) -> list[Path]:
    return [job.photo, *(mask.path for mask in (job.mask, job.avoid) if isinstance(mask, MaskFile))]


class _JobOutput(NamedTuple):
    """The file that is planned for a photo."""

    path: Path

    def check(self) -> None:
        """Nothing to check: the plan holds only files that can be written."""

    def choose(self, photo: Photo) -> Target:
        """The file; a notice says if the photo has another format than its name says."""
        target = FileOutput(self.path, overwrite=True, make_folder=True).choose(photo)
        named = format_of_suffix(photo.path.suffix)
        if named and named.name != photo.format:
            tell(f"{name_and_content(photo)}; it is written as {target.format.name}")
        return target

"""Folders of photos: decoding, network and encoding of several photos overlap, in bounded memory.

Every file appears under its name whole or not at all, so a batch that is killed at any point continues where it was
when it is started again.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image

from splpaint.atomic_files import remove_leftovers
from splpaint.errors import SplpaintError
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

__all__ = ["Outcome", "give_memory_back", "paint_job", "run_batch"]

_PILLOW_BLOCK_BYTES = 64 << 20

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
    inputs = {path.resolve() for job in jobs for path in _files(job)} if overwrite else set()
    budget = PixelBudget(MAX_PIXELS)

    def work(job: Job) -> Outcome:
        if overwrite and not job.trouble and job.target.resolve() in inputs:
            return Outcome(job, "failed", f"{job.target} is one of the inputs; choose another output folder")
        return paint_job(painter, job, options, budget, overwrite=overwrite)

    yield from ordered_map(work, jobs, workers=workers)


def paint_job(
    painter: Painter, job: Job, options: PaintOptions, budget: PixelBudget, *, overwrite: bool = False
) -> Outcome:
    """Paint one photo and write it; whatever goes wrong is its outcome.

    Args:
        painter: Paints it.
        job: From ``plan_batch``.
        options: How it is painted.
        budget: Shared by all that are under way in this process.
        overwrite: Paint again what is done already.
    """
    if job.trouble:
        return Outcome(job, "missing", job.trouble)
    if not overwrite and job.target.is_file():
        return Outcome(job, "done already")
    with collected() as notes:
        try:
            with budget.room_for(count_pixels(job.photo)):
                painted = paint_file(
                    lambda: painter, job.photo, job.mask, _JobOutput(job.target), options, avoid=job.avoid
                )
        except SplpaintError as error:
            return Outcome(job, "failed", str(error), tuple(notes))
        except Exception as error:  # whatever it is, the others continue
            return Outcome(job, "failed", f"{type(error).__name__}: {error}", tuple(notes))
    return Outcome(job, "painted", notes=tuple(notes), grown_px=painted.grown_px)


def give_memory_back() -> None:
    """Have Pillow give the memory of large images back to the system, in this process.

    Blocks of more than 32 MB go back when Pillow frees them; with its usual ones of 16 MB every thread would keep the
    memory of the largest image that it ever had.
    """
    Image.core.set_block_size(_PILLOW_BLOCK_BYTES)  # type: ignore[attr-defined]


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

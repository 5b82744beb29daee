"""What each worker does: it loads the model once, and paints one block of pictures after the other.

A picture goes the way that it goes in ``run_batch``; one of an object store is copied to this machine first, and its
result back. A block may come a second time, after its worker has died: what has been written by then is kept.
"""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from splpaint.cluster.manifest import Record
from splpaint.cluster.plan import ALPHA, Picture, Plan
from splpaint.cluster.storage import Mirror, find_file, is_file, is_url, join, write_file
from splpaint.errors import InputError, ModelError
from splpaint.images import MAX_PIXELS
from splpaint.inference import (
    Job,
    MaskBytes,
    MaskFile,
    NoMask,
    PaintOptions,
    PhotoMask,
    Transparency,
    give_memory_back,
    load_inpainter,
    paint_job,
)
from splpaint.inference.models import find_model
from splpaint.model_folder import file_sha256
from splpaint.parallel import PixelBudget, ordered_map
from splpaint.precision import PrecisionChoice
from splpaint.versions import __version__

if TYPE_CHECKING:
    import pyarrow

__all__ = ["CORES", "Task", "Worker", "describe_task"]

CORES = 1
"""Of each worker: so many threads compute. One more reads and writes meanwhile."""

_STATUS = {"done already": "kept"}


class Task(NamedTuple):
    """What every worker is told.

    Attributes:
        model: Name of a model, or a model folder.
        model_sha256: Checksum of its network, so that every machine paints with the same.
        precision: ``fp32``, ``bf16`` or ``auto``, which each machine decides for itself.
        texture: Whether holes are filled with the picture's own texture, if the model asks for it.
        options: How pictures are painted.
        output: The folder or prefix to write to.
        shared: Contents of masks that belong to all pictures, by name.
        landmark: A picture that every machine must see; empty: none is known.
        overwrite: Whether outputs that are there are painted again.
        version: Of splpaint, the same on every machine.
    """

    model: str
    model_sha256: str
    precision: PrecisionChoice
    texture: bool
    options: PaintOptions
    output: str
    shared: dict[str, bytes]
    landmark: str
    overwrite: bool = False
    version: str = __version__


def describe_task(
    plan: Plan,
    options: PaintOptions,
    *,
    model: str = "compact",
    precision: PrecisionChoice = "auto",
    texture: bool = True,
    overwrite: bool = False,
) -> Task:
    """Describe a plan's work to the workers.

    Args:
        plan: What is painted.
        options: How.
        model: Name of a model, or a model folder; every machine has it.
        precision: ``fp32``, ``bf16`` or ``auto``.
        texture: As of ``load_inpainter``.
        overwrite: Whether outputs that are there are painted again.

    Raises:
        ModelError: No such model.
    """
    files = find_model(model)
    return Task(
        model=str(files.folder.absolute()) if Path(model).is_dir() else model,
        model_sha256=file_sha256(files.onnx),
        precision=precision,
        texture=texture,
        options=options,
        output=plan.output,
        shared=plan.shared,
        landmark=next((each.photo for each in plan.pictures[:_TRIED] if is_file(each.photo)), ""),
        overwrite=overwrite,
    )


_TRIED = 100


class Worker:
    """Paints blocks of pictures, in a process of its own.

    Args:
        task: What to do.
        at_once: How many records are told at once.

    Raises:
        InputError: This machine has another version, or does not see the pictures.
        ModelError: It has another model, or none.
    """

    def __init__(self, task: Task, at_once: int = 1) -> None:
        host = socket.gethostname()
        if task.version != __version__:
            raise InputError(
                f"every machine must have the same splpaint, got {__version__} on {host}, {task.version} where the "
                "command runs; install the same"
            )
        if task.landmark and not is_file(task.landmark):
            raise InputError(
                f"every machine must see the same files, got none at {task.landmark} on {host}; mount the folder "
                "there, or put the files into an object store"
            )
        if file_sha256(find_model(task.model).onnx) != task.model_sha256:
            raise ModelError(
                f"every machine must have the same model, got another {task.model} on {host}; copy it there"
            )
        give_memory_back()
        self._task, self._at_once = task, at_once
        self._painter = load_inpainter(
            task.model, precision=task.precision, many_at_once=True, threads=CORES, texture=task.texture
        ).painter
        self._budget = PixelBudget(MAX_PIXELS)

    def __call__(self, block: pyarrow.Table) -> Iterator[pyarrow.Table]:
        """Paint a block.

        Args:
            block: ``number`` and the columns of ``Picture``.

        Yields:
            One row, whose column ``records`` holds ``number`` and the fields of ``Record`` for the next pictures.
        """
        import pyarrow

        pictures = [(row.pop("number"), Picture(**row)) for row in block.to_pylist()]
        painted = ordered_map(self._paint_numbered, pictures, workers=CORES + 1)
        while records := list(islice(painted, self._at_once)):
            yield pyarrow.Table.from_pylist([{"records": records}])

    def _paint_numbered(self, numbered: tuple[int, Picture]) -> dict[str, object]:
        number, picture = numbered
        return {"number": number, **self.paint(picture)._asdict()}

    def paint(self, picture: Picture) -> Record:
        """Paint one picture; whatever goes wrong is in its record."""
        started_s = time.perf_counter()
        target = join(self._task.output, PurePosixPath(picture.output))
        record = Record(picture.photo, picture.mask, picture.output, "failed")
        try:
            if not self._task.overwrite and (there := find_file(target)) is not None:
                return _with_output(record._replace(status="kept"), there)
            with Mirror() as mirror:
                record = self._paint(picture, target, record, mirror)
        except InputError as error:
            return record._replace(status="failed", error=str(error))
        except Exception as error:  # whatever it is, the others continue
            return record._replace(status="failed", error=f"{type(error).__name__}: {error}")
        return record._replace(seconds=round(time.perf_counter() - started_s, 3))

    def _paint(self, picture: Picture, target: str, record: Record, mirror: Mirror) -> Record:
        avoid = self._mask(picture.avoid, mirror)
        job = Job(
            mirror.fetch(picture.photo),
            self._mask(picture.mask, mirror),
            mirror.path(target),
            avoid=avoid if isinstance(avoid, MaskFile | MaskBytes) else None,
        )
        outcome = paint_job(
            self._painter, job, self._task.options, self._budget, overwrite=self._task.overwrite
        )
        record = record._replace(
            status=_STATUS.get(outcome.state, outcome.state),
            error=mirror.own_names(outcome.reason),
            notes=mirror.own_names("; ".join(outcome.notes)),
        )
        if outcome.state != "painted":
            return record
        data = job.target.read_bytes()
        if is_url(target):
            write_file(target, data)
        painter = f"{self._painter.model} on {self._painter.engine} in {self._painter.precision}"
        return _with_output(record._replace(painter=painter), data)

    def _mask(self, name: str, mirror: Mirror) -> PhotoMask:
        if name in {"", ALPHA}:
            return Transparency() if name else NoMask()
        shared = self._task.shared.get(name)
        return MaskFile(mirror.fetch(name)) if shared is None else MaskBytes(shared)


def _with_output(record: Record, data: bytes) -> Record:
    return record._replace(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())

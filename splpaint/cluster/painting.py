"""A plan painted on a cluster: Ray Data hands its pictures out in blocks, and out again when a worker has died.

Ray runs a block at least once. Outputs are written whole and kept where they are there already, and a picture has one
record, so that pictures are painted once all the same. A picture that kills its worker each time is painted once more
in a block of its own, and then called failed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, TextIO, cast

from splpaint.atomic_files import remove_leftovers
from splpaint.cluster.manifest import DONE, MANIFEST, Record, read_records, write_records
from splpaint.cluster.plan import Picture, Plan
from splpaint.cluster.storage import is_url, join, list_files
from splpaint.cluster.worker import CORES, Task, Worker
from splpaint.cpu import usable_cores
from splpaint.errors import InputError, MissingExtraError

__all__ = ["paint_on_cluster"]

_BLOCK = 64
_BLOCKS_A_WORKER = 8  # at least, so that all end at the same time
_RETRIES = 1
_OBJECT_STORE_BYTES = 200 << 20
_CONNECTION_TIMEOUT_S = 10
_LOCAL = "local"


def paint_on_cluster(
    plan: Plan, task: Task, *, address: str, in_words: Callable[[str], str] = str
) -> Generator[Record, None, None]:
    """Paint a plan.

    Args:
        plan: What is painted.
        task: What workers are told.
        address: ``local``: a cluster on this machine, for this job; ``auto``: the one at ``RAY_ADDRESS``, or that runs
            here; or a cluster's HOST:PORT. In a program that has called ``ray.init``, that one.
        in_words: What becomes of errors and notes in the manifest: a program has its own words for parameters.

    Yields:
        One record for each picture, as they come; those of an earlier run first. The manifest in the output folder is
        written at the end, or with what there is when the generator is closed.

    Raises:
        InputError: There is no such cluster, or one of its machines cannot do the task; the output folder holds another
            manifest.
        MissingExtraError: Ray is not installed.
    """
    ray = _import_ray()
    manifest = join(plan.output, PurePosixPath(MANIFEST))
    earlier = read_records(manifest)
    known: dict[int, Record] = {}
    if not is_url(plan.output):
        remove_leftovers(_targets(plan))
    try:
        for number, record in _known_beforehand(plan, {} if task.overwrite else earlier):
            known[number] = record
            yield record if record.error else record._replace(status="kept")
        if len(known) < len(plan.pictures):
            with _cluster(ray, address):
                for number, record in _paint(ray, plan, task, known):
                    known[number] = record
                    yield record
    finally:
        if not is_url(plan.output):
            remove_leftovers(_targets(plan))  # of workers that were killed
        if known:
            records = (known[number] for number in sorted(known))
            write_records(
                manifest,
                (each._replace(error=in_words(each.error), notes=in_words(each.notes)) for each in records),
            )


def _targets(plan: Plan) -> Iterator[Path]:
    return (Path(plan.output, picture.output) for picture in plan.pictures)


def _known_beforehand(plan: Plan, earlier: dict[str, Record]) -> Iterator[tuple[int, Record]]:
    # Pictures without a mask, and those whose output is there as an earlier run has recorded it.
    sizes = {str(name): size for name, size in list_files(plan.output).items()} if earlier else {}
    for number, picture in enumerate(plan.pictures):
        record = earlier.get(picture.output)
        if picture.trouble:
            yield number, Record(picture.photo, picture.mask, picture.output, "missing", picture.trouble)
        elif (
            record
            and record.status in DONE
            and (record.input, record.mask) == (picture.photo, picture.mask)
            and sizes.get(picture.output) == record.bytes
        ):
            yield number, record


def _paint(ray: Any, plan: Plan, task: Task, known: dict[int, Record]) -> Iterator[tuple[int, Record]]:
    workers = max(1, int(ray.cluster_resources().get("CPU", 1)) // CORES)
    size = max(1, min(_BLOCK, len(plan.pictures) // (workers * _BLOCKS_A_WORKER)))
    # In the second round a picture has its worker for itself, and no other can be blamed for its death.
    for block_size, ahead in ((size, None), (1, 1)):
        left = [number for number in range(len(plan.pictures)) if number not in known]
        yield from _run(ray, plan.pictures, left, task, workers, block_size, ahead)
    for number, picture in enumerate(plan.pictures):
        if number not in known:
            yield (
                number,
                Record(
                    picture.photo,
                    picture.mask,
                    picture.output,
                    "failed",
                    "every worker that painted it died: it may need more memory than there is; give the machines more, "
                    "or make it smaller",
                ),
            )


def _run(
    ray: Any,
    pictures: list[Picture],
    numbers: list[int],
    task: Task,
    workers: int,
    block_size: int,
    ahead: int | None,
) -> Iterator[tuple[int, Record]]:
    # Those blocks whose workers died each time are left out.
    if not numbers:
        return
    import pyarrow

    blocks = [
        pyarrow.Table.from_pylist([{"number": number, **pictures[number]._asdict()} for number in some])
        for some in (numbers[start : start + block_size] for start in range(0, len(numbers), block_size))
    ]
    with warnings.catch_warnings():  # there is no other name for its retries yet
        warnings.simplefilter("ignore", DeprecationWarning)
        painted = ray.data.from_arrow(blocks).map_batches(
            Worker,
            fn_constructor_args=(task,),
            batch_size=None,
            batch_format="pyarrow",
            num_cpus=CORES,
            compute=ray.data.ActorPoolStrategy(
                min_size=1, initial_size=min(workers, len(blocks)), max_tasks_in_flight_per_actor=ahead
            ),
            max_task_retries=_RETRIES,
        )
    try:
        for block in painted.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            for row in block.to_pylist():
                yield row.pop("number"), Record(**row)
    except ray.exceptions.RayActorError as error:
        # A worker could not begin: the last line is its own error, by class and message.
        raise InputError(str(error).strip().splitlines()[-1].partition(": ")[2] or str(error)) from error


def _import_ray() -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is reported to Ray's makers
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError("`cluster`", "cluster", str(error.name)) from error
    return ray


@contextlib.contextmanager
def _cluster(ray: Any, address: str) -> Iterator[None]:
    with _quiet(ray):
        if ray.is_initialized():
            yield
            return
        _require_listening(address)
        local = {
            "num_cpus": usable_cores(),
            "include_dashboard": False,
            "object_store_memory": _OBJECT_STORE_BYTES,
        }
        try:
            ray.init(
                address=address,
                log_to_driver=False,
                logging_level=logging.CRITICAL,
                **(local if address == _LOCAL else {}),
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise _no_cluster(address, error) from error
        try:
            yield
        finally:
            ray.shutdown()


def _require_listening(address: str) -> None:
    # Ray itself tries for minutes.
    host, _, port = address.rpartition(":")
    if address in {_LOCAL, "auto"}:
        return
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECTION_TIMEOUT_S).close()
    except (OSError, ValueError, OverflowError) as error:
        raise _no_cluster(address, error) from error


def _no_cluster(address: str, error: Exception) -> InputError:
    return InputError(
        f"`cluster` must be local, auto, or the HOST:PORT of a Ray cluster that runs, got {address} ({error}); start "
        "it or correct the address"
    )


@contextlib.contextmanager
def _quiet(ray: Any) -> Iterator[None]:
    # Ray's files of logs stay as they are; what went wrong with a picture is in its record.
    context = ray.data.DataContext.get_current()
    wanted = {"enable_progress_bars": False, "print_on_execution_start": False, "max_errored_blocks": -1}
    before = {name: getattr(context, name) for name in wanted}
    consoles = [
        handler
        for handler in logging.getLogger("ray.data").handlers
        if isinstance(handler, logging.StreamHandler)
    ]
    levels = [handler.level for handler in consoles]
    try:
        for name, value in wanted.items():
            setattr(context, name, value)
        for handler in consoles:
            handler.setLevel(logging.CRITICAL + 1)
        with contextlib.redirect_stdout(cast(TextIO, _WithoutRay(sys.stdout))), _native_stderr_dropped():
            yield
    finally:
        for name, value in before.items():
            setattr(context, name, value)
        for handler, level in zip(consoles, levels, strict=True):
            handler.setLevel(level)


@contextlib.contextmanager
def _native_stderr_dropped() -> Iterator[None]:
    # Ray's C++ side warns of every pool of workers. Python goes on writing to the same place.
    before, ours = sys.stderr, os.dup(2)
    with os.fdopen(ours, "w", buffering=1, encoding="utf-8", errors="backslashreplace") as stderr:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        before.flush()
        os.dup2(nowhere, 2)
        os.close(nowhere)
        if before is sys.__stderr__:
            sys.stderr = stderr
        try:
            yield
        finally:
            sys.stderr = before
            os.dup2(ours, 2)


class _WithoutRay:
    """Stdout without what Ray's own threads print there, whatever it is told of logs."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def write(self, text: str) -> int:
        """Write what others print."""
        return len(text) if threading.current_thread().name.startswith("ray_") else self._stdout.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stdout, name)

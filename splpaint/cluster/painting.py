"""A plan painted on a cluster: what is there already is recorded here, the rest painted by Ray in a process of its own.

That process (``driver.py``) is killed when all is painted, or the painting interrupted: what it has painted is whole,
and what it has told is recorded. So nothing that Ray does at its end can keep the command, or speak for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import IO

from splpaint.atomic_files import remove_leftovers
from splpaint.cluster.manifest import DONE, MANIFEST, Record, read_records, write_records
from splpaint.cluster.plan import Picture, Plan
from splpaint.cluster.storage import is_url, join, list_files, read_file
from splpaint.cluster.worker import Task
from splpaint.errors import InputError, MissingExtraError
from splpaint.parallel import ordered_map

__all__ = ["paint_on_cluster"]

_NEEDED = ("ray", "pyarrow", "psutil")
_END_S = 10


def paint_on_cluster(
    plan: Plan, task: Task, *, address: str, in_words: Callable[[str], str] = str
) -> Generator[Record, None, None]:
    """Paint a plan.

    Args:
        plan: What is painted.
        task: What workers are told.
        address: ``local``: a cluster on this machine, for this job; ``auto``: the one at ``RAY_ADDRESS``, or that runs
            here; or a cluster's HOST:PORT. If every picture is there already, none is needed.
        in_words: What becomes of errors and notes in the manifest: a program has its own words for parameters.

    Yields:
        One record for each picture, as they come; those that are there already first. The manifest in the output folder
        is written at the end, or with what there is when the generator is closed.

    Raises:
        InputError: There is no such cluster, or one of its machines cannot do the task; Ray ended too early; the output
            folder holds another manifest.
        MissingExtraError: Ray is not installed.
    """
    for module in _NEEDED:
        if find_spec(module) is None:
            raise MissingExtraError("`cluster`", "cluster", module)
    manifest = join(plan.output, PurePosixPath(MANIFEST))
    before, found = _known_beforehand(plan, read_records(manifest))
    known = {number: record for number, record in before.items() if record.error or not task.overwrite}
    _remove_leftovers(plan)
    try:
        for record in known.values():
            yield record if record.error else record._replace(status="kept")
        for number, record in () if task.overwrite else _look_at(plan, found):
            known[number] = record
            yield record
        left = {number: each for number, each in enumerate(plan.pictures) if number not in known}
        for number, record in _painted_by_ray(address, task, left) if left else ():
            known[number] = record
            yield record
    finally:
        _remove_leftovers(plan)  # of workers that were killed
        if before or known:
            records = (record for _, record in sorted((before | known).items()))
            write_records(
                manifest,
                (each._replace(error=in_words(each.error), notes=in_words(each.notes)) for each in records),
            )


def _remove_leftovers(plan: Plan) -> None:
    if not is_url(plan.output):
        remove_leftovers(Path(plan.output, picture.output) for picture in plan.pictures)


def _known_beforehand(
    plan: Plan, earlier: dict[str, Record]
) -> tuple[dict[int, Record], dict[int, Record | None]]:
    # Records of pictures without a mask, and of outputs that are there as an earlier run has recorded them; and which
    # other outputs are there, with what was recorded of them.
    sizes = {str(name): size for name, size in list_files(plan.output).items()}
    known: dict[int, Record] = {}
    found: dict[int, Record | None] = {}
    for number, picture in enumerate(plan.pictures):
        record = earlier.get(picture.output)
        if picture.trouble:
            known[number] = Record(picture.photo, picture.mask, picture.output, "missing", picture.trouble)
        elif picture.output not in sizes:
            continue
        elif (
            record
            and record.status in DONE
            and (record.input, record.mask) == (picture.photo, picture.mask)
            and sizes[picture.output] == record.bytes
        ):
            known[number] = record
        else:
            found[number] = record
    return known, found


def _look_at(plan: Plan, found: dict[int, Record | None]) -> Iterator[tuple[int, Record]]:
    # What is there and was not recorded, or as another picture's: an interrupted run has left it, or files were moved.
    def look(number: int) -> tuple[int, Record]:
        picture, earlier = plan.pictures[number], found[number]
        data = read_file(join(plan.output, PurePosixPath(picture.output)))
        digest = hashlib.sha256(data).hexdigest()
        record = Record(picture.photo, picture.mask, picture.output, "kept", bytes=len(data), sha256=digest)
        if earlier and earlier.sha256 == digest:
            record = record._replace(notes=earlier.notes, painter=earlier.painter)
        return number, record

    yield from ordered_map(look, found)


# --- Ray in a process of its own


def _painted_by_ray(address: str, task: Task, pictures: dict[int, Picture]) -> Iterator[tuple[int, Record]]:
    with tempfile.TemporaryFile() as complaints:
        driver = subprocess.Popen(
            [sys.executable, "-P", "-m", "splpaint.cluster.driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            # Nothing is reported to Ray's makers.
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "RAY_USAGE_STATS_ENABLED": "0"},
            start_new_session=True,  # Ctrl-C is for the command alone
        )
        assert driver.stdin
        assert driver.stdout
        try:
            pickle.dump((address, task, pictures), driver.stdin)
            driver.stdin.flush()
            while told := pickle.load(driver.stdout):
                if isinstance(told, InputError):
                    raise told
                yield told
        except (EOFError, pickle.UnpicklingError, BrokenPipeError) as error:
            with contextlib.suppress(subprocess.TimeoutExpired):
                driver.wait(_END_S)
            raise InputError(
                f"Ray must run until all is painted, it ended with the code {driver.returncode} "
                f"({_last_line(complaints)}); run the same command again to continue"
            ) from error
        finally:
            _kill(driver)


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _kill(driver: subprocess.Popen[bytes]) -> None:
    # With all that it has begun, and is not there any more when this returns.
    import psutil

    family = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = psutil.Process(driver.pid).children(recursive=True)
    driver.kill()
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=_END_S)
    driver.wait()
    for pipe in (driver.stdin, driver.stdout):
        with contextlib.suppress(BrokenPipeError):
            pipe.close()  # type: ignore[union-attr]

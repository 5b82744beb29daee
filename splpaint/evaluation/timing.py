"""``timing.json``: how long methods take and how much memory, each alone in a process of its own.

Values of an evaluation do not depend on the machine's speed and stand in ``report.json``; these do.
"""

from __future__ import annotations

import json
import multiprocessing
import pickle
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from splpaint.atomic_files import open_atomic
from splpaint.errors import InputError
from splpaint.evaluation.methods import Method, ModelMethod, ResultsMethod
from splpaint.evaluation.painting import list_pairs
from splpaint.machine import describe

__all__ = ["TIMING_FILE", "MachineTiming", "Timing", "read_timing", "write_timing"]

TIMING_FILE = "timing.json"

_MOST_PAIRS = 20
_MOST_SECONDS = 60.0


class Timing(NamedTuple):
    """What one method needs, one picture at a time.

    Attributes:
        seconds: Median over the pairs, without loading and without the first pair.
        slowest_seconds: Of the slowest pair.
        pairs: How many were painted.
        megapixels: Mean size of their pictures.
        peak_mb: Largest resident memory of the process, with Python and all libraries, in MB; None where the system
            does not tell or the method cannot run in a process of its own.
    """

    seconds: float
    slowest_seconds: float
    pairs: int
    megapixels: float
    peak_mb: int | None


class MachineTiming(NamedTuple):
    """What methods need on one machine.

    Attributes:
        machine: In words, with versions.
        methods: Name => what it needs.
    """

    machine: str
    methods: dict[str, Timing]


def read_timing(path: Path) -> MachineTiming | None:
    """Read what ``write_timing`` wrote; None if there is no such file.

    Raises:
        InputError: It cannot be read, or holds something else.
    """
    try:
        return TypeAdapter(MachineTiming).validate_json(path.read_bytes()) if path.exists() else None
    except (OSError, ValidationError) as error:
        raise InputError(
            f"expected times of methods in {path}, got something else; remove it and evaluate again"
        ) from error


def write_timing(
    pairs: Path,
    methods: Sequence[Method],
    path: Path,
    *,
    on_progress: Callable[[str, int, int], object] = lambda stage, done, total: None,
) -> None:
    """Time methods on the first pairs of a manifest, at most 20 and at most a minute each.

    Args:
        pairs: The manifest.
        methods: Results in a folder are left out: they were painted elsewhere.
        path: The file; one that is there is replaced.
        on_progress: Called with the stage, timing, how many methods are done, and of how many.

    Raises:
        SplpaintError: A method or a pair cannot be used, or the file cannot be written.
    """
    here = [method for method in methods if not isinstance(method, ResultsMethod)]
    timed = {}
    for done, method in enumerate(here):
        on_progress("timing", done, len(here))
        timed[method.name] = _time_alone(_for_single_pictures(method), pairs)._asdict()
    found = {"machine": describe("numpy", "openvino", "opencv-python-headless", "torch"), "methods": timed}
    with open_atomic(path, overwrite=True) as file:
        file.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def _for_single_pictures(method: Method) -> Method:
    return method._replace(many_at_once=False) if isinstance(method, ModelMethod) else method


def _time_alone(method: Method, pairs: Path) -> Timing:
    try:
        pickle.dumps(method)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            return process.submit(_time, method, pairs).result()
    except (pickle.PicklingError, AttributeError, TypeError, BrokenProcessPool):
        # A function without a name; or a program that a new process cannot import, such as one read from stdin.
        return _time(method, pairs)._replace(peak_mb=None)


def _time(method: Method, pairs: Path) -> Timing:
    opened = method.open(pairs)
    seconds: list[float] = []
    pixels: list[int] = []
    for pair in islice(list_pairs(pairs), _MOST_PAIRS + 1):
        loaded = pair.load(pairs.parent)
        started = time.perf_counter()
        opened.paint(loaded)
        seconds.append(time.perf_counter() - started)
        pixels.append(loaded.hole.size)
        if sum(seconds) > _MOST_SECONDS:
            break
    counted = seconds[1:] or seconds  # the first one pays for what is made once
    return Timing(
        seconds=round(statistics.median(counted), 4),
        slowest_seconds=round(max(counted), 4),
        pairs=len(counted),
        megapixels=round(statistics.mean(pixels) / 1e6, 3),
        peak_mb=_peak_mb(),
    )


def _peak_mb() -> int | None:
    status = Path("/proc/self/status")
    if status.exists():  # Linux; its getrusage tells the parent's peak if that was larger
        kib = next(
            line.split()[1] for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM")
        )
        return round(int(kib) * 1024 / 1e6)
    if sys.platform == "win32":
        return None
    import resource

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)  # bytes on macOS

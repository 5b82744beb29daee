"""What happened to one input: what a command said and wrote, how long it took and how much memory."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from splpaint.cli import app
from splpaint.errors import SplpaintError

__all__ = ["FINE", "Watched", "machine", "run_command", "stderr_caught", "tell_counts", "watched"]

FINE = {"done", "refused"}
MOST_SECONDS = 20
MOST_MORE_BYTES = 300_000_000
BYTES_PER_PIXEL = 12
"""What a good picture takes at least while it is painted: 12 (PNG) to 28 (WebP) were measured, 31 with 16 bits."""
OUR_WORDS = ("error: ", "warning: ")


class Watched(NamedTuple):
    """What watching found.

    Attributes:
        refused: Whether it was refused as it should be.
        faults: What must not be, in words.
    """

    refused: bool
    faults: list[str]


def watched(act: Callable[[], None], *, pixels: int = 0, spoken: bool = False) -> Watched:
    """Do something and say what went wrong with it.

    Args:
        act: It; a SplpaintError or the exit code 2 means that it is refused, 1 that something was found.
        pixels: How many the input claims to have.
        spoken: Whether lines on stderr that begin as ours do are allowed.
    """
    faults: list[str] = []
    refused = False
    started_s, before = time.perf_counter(), memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins again
    with stderr_caught() as lines:
        try:
            act()
        except SplpaintError:
            refused = True
        except SystemExit as end:
            refused = end.code == 2
            faults += [f"exit: {end.code}"] if end.code not in {1, 2} else []
        except BaseException as error:
            faults.append(f"exception: {type(error).__name__} {error}"[:300] + traceback.format_exc()[-600:])
    strange = [line for line in lines if not (spoken and line.startswith(OUR_WORDS))]
    faults += [f"stderr: {strange[0][:300]}"] if strange else []
    more = memory("VmHWM") - before
    if more > MOST_MORE_BYTES + BYTES_PER_PIXEL * pixels:
        faults.append(f"memory: {more / 1e6:.0f} MB for {pixels / 1e6:.1f} megapixels")
    if (seconds := time.perf_counter() - started_s) > MOST_SECONDS:
        faults.append(f"time: {seconds:.0f} s")
    return Watched(refused, faults)


def run_command(*arguments: object) -> None:
    """Run ``splpaint ARGUMENTS`` in this process."""
    sys.argv = ["splpaint", *map(str, arguments)]
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        try:
            app.main()
        except SystemExit as end:
            if end.code:
                raise


app._register()
app._register = lambda: None


def memory(name: str) -> int:
    """Bytes of this process, now (VmRSS) or at most (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


@contextlib.contextmanager
def stderr_caught() -> Iterator[list[str]]:
    """What is written to the process's stderr, by anyone."""
    lines: list[str] = []
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            lines += file.read().decode(errors="replace").splitlines()


def machine(seed: int) -> str:
    """What it ran on."""
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("pillow", "opencv-python-headless", "openvino")
    )
    return f"{platform.platform()}, Python {platform.python_version()}, {versions}; seed {seed}"


def tell_counts(counts: Counter[str]) -> None:
    """Print them, and exit with 1 if there is a fault among them."""
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()))
    sys.exit(bool(counts.keys() - FINE))

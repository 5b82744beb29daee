"""Real servers: processes of ``splpaint serve`` on loopback."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

import splpaint

_COMPACT = Path(splpaint.__file__).parent / "weights" / "compact"


def copy_compact(folder: Path) -> Path:
    """Write the bundled model once more, under the name of its new folder."""
    shutil.copytree(_COMPACT, folder, ignore=shutil.ignore_patterns("SHA256SUMS"))
    config = folder / "config.json"
    config.write_text(config.read_text("utf-8").replace('"compact"', f'"{folder.name}"', 1), "utf-8")
    return folder


class Running(NamedTuple):
    """A server that runs, and a client for it."""

    url: str
    process: subprocess.Popen[str]
    http: httpx.Client

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def resident_mb(self) -> float:
        """Its memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextlib.contextmanager
def running(*options: str, folder: Path, limits: str = "") -> Iterator[Running]:
    """Run a server until the end of the block; it must not have said anything on stderr, nor written anything.

    Args:
        options: Of the command.
        folder: Where it runs; its home and its place for temporary files, too.
        limits: Arguments of ``Limits`` that are not the usual ones, for bounds that are quick to reach.
    """
    code = (
        "import sys; import splpaint.serving as serving; whole = serving.serve\n"
        "def serve(settings, started):\n"
        f"    whole(settings._replace(limits=settings.limits._replace({limits})), started)\n"
        "serving.serve = serve\n"
        "from splpaint.cli.app import main; sys.argv[0] = 'splpaint'; main()"
    )
    command = [sys.executable, *(["-c", code] if limits else ["-m", "splpaint"]), "serve", "--port", "0"]
    folder.mkdir(exist_ok=True)
    before = sorted(folder.rglob("*"))
    places = {name: str(folder) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **places},
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        if not found:
            raise AssertionError(process.communicate(timeout=60))
        with httpx.Client(base_url=found[0], timeout=120) as http:
            yield Running(found[0], process, http)
    finally:
        process.terminate()
        _, said = process.communicate(timeout=120)
    assert said == "", said
    assert sorted(folder.rglob("*")) == before

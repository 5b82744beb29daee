"""Painting over Ray: what it leaves however workers and drivers die, on disks and in a store."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from splpaint.cluster import describe_task, paint_on_cluster, plan_pictures
from splpaint.cluster.manifest import read_records
from splpaint.cluster.storage import is_file, read_file, write_file
from splpaint.inference import HoleRules, PaintOptions
from tests.cluster.conftest import files, painted_here, write_pictures

pytestmark = pytest.mark.slow

OPTIONS = PaintOptions(HoleRules(dilate=2), feather_px=2)


class Killing:
    """In place of a box: kills the worker that paints a picture of a certain size."""

    def mark(self, hole: NDArray[np.bool_]) -> None:
        if hole.shape == (40, 50):
            os.kill(os.getpid(), signal.SIGKILL)


def test_killed_workers_lose_nothing_and_paint_nothing_twice(
    ray_address: str, model: Path, tmp_path: Path
) -> None:
    names = [f"{number % 2}/{number:02}.{'jpg' if number % 3 else 'png'}" for number in range(64)]
    write_pictures(tmp_path, names, height=300, width=500)
    (tmp_path / "masks" / "1" / "01.png").unlink()
    (tmp_path / "in" / "0" / "02.jpg").write_bytes(b"no picture")
    here = painted_here(tmp_path, model, OPTIONS)
    deadly = names[20]
    del here[deadly]
    write_pictures(tmp_path, [deadly], height=40, width=50)

    plan = plan_pictures(str(tmp_path / "in"), str(tmp_path / "masks"), str(tmp_path / "out"))
    rules = OPTIONS.rules._replace(boxes=(Killing(),))  # type: ignore[arg-type]
    task = describe_task(plan, OPTIONS._replace(rules=rules), model=str(model))
    with contextlib.closing(paint_on_cluster(plan, task, address=ray_address)) as records:
        done = [next(records), next(records)]  # the first is known without a worker
        killed = _workers()[0]
        killed.send_signal(signal.SIGKILL)
        killed.wait(10)
        stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.*g")}
        assert 0 < len(stamps) < len(here)
        done += records
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert files(tmp_path / "out") == here  # whole, and without leftovers

    manifest = tmp_path / "out" / "manifest.csv"
    recorded = read_records(str(manifest))
    assert manifest.read_text().count("\n") == len(recorded) + 1  # a line each
    assert len(done) == len(recorded) == len(names)
    assert recorded.pop("1/01.jpg").error.startswith("no mask 1/01.* in ")
    assert "02.jpg is not a picture" in recorded.pop("0/02.jpg").error
    assert "every worker that painted it died" in recorded.pop(deadly).error
    assert {name: record.sha256 for name, record in recorded.items()} == {
        name: hashlib.sha256(data).hexdigest() for name, data in here.items()
    }


def _workers() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has ended
            if "ray::MapWorker" in " ".join(process.cmdline()):
                found.append(process)
    return found


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "splpaint", "paint", *map(str, arguments)]


def test_the_command_paints_a_store_and_goes_on_after_ctrl_c(
    ray_address: str, bucket: str, model: Path, tmp_path: Path
) -> None:
    write_pictures(tmp_path, [f"{number % 2}/{number:02}.jpg" for number in range(32)], height=300, width=500)
    (tmp_path / "in" / "1" / "01.jpg").write_bytes(b"no picture")
    here = painted_here(tmp_path, model, PaintOptions(HoleRules(dilate=3)))
    for folder in ("in", "masks"):
        for name, data in files(tmp_path / folder).items():
            write_file(f"{bucket}/{folder}/{name}", data)
    command = _command(f"{bucket}/in", "--mask", f"{bucket}/masks", "-o", f"{bucket}/out", "--dilate", 3)
    command += ["--model", str(model), "--cluster"]
    running = subprocess.Popen(
        [*command, "local"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    first, end_s = f"{bucket}/out/0/00.jpg", time.monotonic() + 60
    while not is_file(first) and time.monotonic() < end_s:
        time.sleep(0.02)
    family = psutil.Process(running.pid).children(recursive=True)
    os.killpg(running.pid, signal.SIGINT)
    _, complained = running.communicate(timeout=30)
    assert running.returncode == 130, complained
    *failed, said = complained.splitlines()
    assert said == "interrupted: run the same command again to continue"
    assert all(line.startswith("failed: ") for line in failed)  # and nothing of Ray
    assert not [process for process in family if process.is_running()]
    done = subprocess.run([*command, ray_address], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 1, done.stderr
    assert done.stderr == (
        f"failed: {bucket}/in/1/01.jpg is not a picture that can be read (no known format); expected PNG, JPEG, "
        "TIFF, WebP, BMP or another raster format, undamaged\n"
    )
    assert done.stdout.startswith("painted ")
    assert "1 failed" in done.stdout
    records = read_records(f"{bucket}/out/manifest.csv")
    assert len(records) == 32
    assert {name: read_file(f"{bucket}/out/{name}") for name in here} == here
    assert all(records[name].sha256 == hashlib.sha256(data).hexdigest() for name, data in here.items())

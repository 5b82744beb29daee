"""``splpaint train``: what ends it, and how it is resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from splpaint.training.loop import train
from tests.tiny_run import RESIDENT, TINY, configured, counters, weights, write_photographs


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    return write_photographs(tmp_path / "photographs")


@pytest.mark.slow
def test_a_terminated_run_saves_its_state_and_goes_on(tmp_path: Path, photographs: Path) -> None:
    out = tmp_path / "run"
    paths = (f"data.images={photographs}", f"run.out={out}", "run.images=100000", "data.workers=1")
    command = [sys.executable, "-m", "splpaint", "train", "compact", *TINY, *paths]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 120
        while not (out / "log.jsonl").exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        os.killpg(process.pid, signal.SIGTERM)  # as a scheduler does: the loading processes, too
        process.communicate(timeout=60)
    assert process.returncode == 0
    seen = counters(out)["images_seen"]
    assert seen >= 40  # the log's first line comes after 20 steps
    train(configured(photographs, out, f"run.images={seen + 2}"), resume=True)
    assert counters(out)["images_seen"] == seen + 2


@pytest.mark.slow
def test_the_command_ends_after_its_minutes_and_goes_on_bit_by_bit(tmp_path: Path, photographs: Path) -> None:
    def splpaint(*options: str) -> str:
        paths = (
            f"data.images={photographs}",
            f"run.out={tmp_path / 'parts'}",
            "run.images=24",
            "data.workers=1",
        )
        more = (*TINY, *RESIDENT, *paths, *options)
        command = [sys.executable, "-m", "splpaint", "train", "compact", *more]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    told = splpaint("run.max_minutes=0.0001")
    assert "run.max_minutes=0.0001 are over; state saved, --resume continues" in " ".join(told.split())
    assert "until the first step, which took" in told
    assert 0 < counters(tmp_path / "parts")["images_seen"] < 24
    splpaint("--resume", "data.workers=0")
    train(configured(photographs, tmp_path / "whole", "run.images=24", *RESIDENT))
    for name, value in weights(tmp_path / "whole").items():
        torch.testing.assert_close(weights(tmp_path / "parts")[name], value, rtol=0, atol=0, msg=name)

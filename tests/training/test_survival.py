"""What ends a run does not cost it: it goes on bit by bit, and a checkpoint is there whole or not at all."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from splpaint.errors import InputError, ModelError
from splpaint.training.loop import train
from tests.tiny_run import configured, counters, weights


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_ends_with_the_bits_of_one_that_was_left_alone() -> None:
    command = [
        sys.executable,
        "-m",
        "tests.training.kills",
        "--kills",
        "4",
        "--images",
        "40",
        "--longest-s",
        "4",
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tensors are equal, bit by bit" in done.stdout


@contextmanager
def _no_file_larger_than(most_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_ends_a_run_and_leaves_its_last_checkpoint(tmp_path: Path, photographs: Path) -> None:
    out = tmp_path / "run"
    config = configured(photographs, out, "run.images=8")
    train(config, stop=lambda: True)
    saved = (out / "checkpoint.pt").read_bytes()
    with (
        _no_file_larger_than(len(saved) // 2),
        pytest.raises(InputError, match=r"checkpoint\.pt cannot be written \(File too large\)"),
    ):
        train(config, resume=True, stop=lambda: True)
    assert (out / "checkpoint.pt").read_bytes() == saved
    assert not list(out.rglob("*.part"))
    train(config, resume=True)
    assert counters(out)["images_seen"] == 8


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_log_that_cannot_be_written_ends_a_run_and_leaves_its_last_checkpoint(
    tmp_path: Path, photographs: Path
) -> None:
    out = tmp_path / "run"
    config = configured(photographs, out, "run.images=44")
    train(config, stop=lambda: True)
    saved = (out / "checkpoint.pt").read_bytes()
    (out / "log.jsonl").unlink()
    (out / "log.jsonl").symlink_to("/dev/full")
    with pytest.raises(InputError, match=r"log\.jsonl cannot be written \(No space left on device\)"):
        train(config, resume=True)
    assert (out / "checkpoint.pt").read_bytes() == saved


def test_photographs_that_vanish_end_a_run_and_leave_its_last_checkpoint(
    tmp_path: Path, photographs: Path
) -> None:
    out, away = tmp_path / "run", tmp_path / "away"
    config = configured(photographs, out, "run.images=40", "data.cache=false", "run.checkpoint_minutes=0")
    asked: list[bool] = []

    def vanish() -> bool:
        asked.append(True)
        if len(asked) == 3:
            photographs.rename(away)
        return False

    with pytest.raises(InputError, match=r"photographs/\d\.png cannot be read"):
        train(config, stop=vanish)
    assert counters(out)["images_seen"] == 6
    away.rename(photographs)
    train(config, resume=True)
    train(configured(photographs, tmp_path / "whole", "run.images=40", "data.cache=false"))
    for name, value in weights(tmp_path / "whole").items():
        torch.testing.assert_close(weights(out)[name], value, rtol=0, atol=0, msg=name)


def test_the_last_checkpoints_and_the_best_are_kept_and_stand_in_for_a_damaged_one(
    tmp_path: Path, photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    more = ("run.checkpoint_minutes=0", f"data.val={photographs}", "generator.working_size_px=64")
    train(configured(photographs, out, "run.images=12", *more))
    names = [path.name for path in sorted((out / "checkpoints").iterdir())]
    assert names == ["000000000010.pt", "000000000012.pt", "best.pt"]
    with (out / "checkpoint.pt").open("r+b") as file:  # and with it its other names
        file.truncate(1000)
    train(configured(photographs, out, "run.images=12", *more), resume=True)
    told = "".join(capsys.readouterr().out.split())  # a line breaks anywhere
    assert "checkpoint.ptmustbeaPyTorchfile" in told
    assert "000000000010.ptinstead" in told
    assert counters(out)["images_seen"] == 12
    shutil.rmtree(out / "checkpoints")
    (out / "checkpoint.pt").write_bytes(b"")
    with pytest.raises(ModelError, match=r"checkpoint\.pt must be a PyTorch file"):
        train(configured(photographs, out, "run.images=12", *more), resume=True)


def test_what_is_other_than_before_is_told(
    tmp_path: Path, photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(configured(photographs, tmp_path / "run", "run.images=2"))
    train(configured(photographs, tmp_path / "run", "run.images=4", "loss.hole=5"), resume=True)
    told = " ".join(capsys.readouterr().out.split())
    assert "other than before: loss.hole=5.0, was 6.0" in told
    assert "other than before: run.images=4, was 2" in told


@pytest.mark.slow
def test_a_process_that_trains_with_workers_and_paints_outlives_their_end(
    tmp_path: Path, photographs: Path
) -> None:
    code = (
        "import gc, sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from splpaint import load_inpainter\n"
        "from splpaint.training import train\n"
        "from tests.tiny_run import configured\n"
        "photographs, out = Path(sys.argv[1]), Path(sys.argv[2])\n"
        "image, hole = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), bool)\n"
        "hole[20:30, 20:30] = True\n"
        "for number in range(3):\n"
        "    paint = load_inpainter()\n"
        "    paint(image, hole)\n"
        "    train(configured(photographs, out / str(number), 'run.images=4', 'data.workers=2'))\n"
        "    paint(image, hole)\n"
        "    del paint\n"
        "    gc.collect()\n"
        "print('alive')\n"
    )
    command = [sys.executable, "-c", code, str(photographs), str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=280)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["alive"]), done.stdout + done.stderr

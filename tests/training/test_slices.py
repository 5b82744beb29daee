"""Training in slices: a run that ends by the clock and goes on equals one that was left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.optim import Optimizer

from splpaint.errors import InputError, NonFiniteLossError
from splpaint.training.display import Display
from splpaint.training.loop import learn, train
from splpaint.training.start import open_run
from tests.training.test_loop import STRIDE_8, TINY, configured, photographs, weights

__all__ = ["photographs"]  # a fixture

RESIDENT = ("data.resident=true", "data.resident_masks=5", "data.colour=0.3")


def counters(run: Path) -> dict[str, int]:
    return dict(torch.load(run / "checkpoint.pt", weights_only=True)["counters"])


def test_an_interrupted_resident_run_equals_an_uninterrupted_one(tmp_path: Path, photographs: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(configured(photographs, whole, "run.images=12", *RESIDENT))
    train(configured(photographs, parts, "run.images=12", *RESIDENT), stop=lambda: True)
    assert counters(parts)["images_seen"] == 2
    train(configured(photographs, parts, "run.images=12", *RESIDENT), resume=True)
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(parts)[name], value, rtol=0, atol=0, msg=name)


def test_a_resident_run_learns_what_a_run_with_loading_processes_learns(
    tmp_path: Path, photographs: Path
) -> None:
    for name, more in (("loaded", ()), ("resident", ("data.resident=true",))):
        train(configured(photographs, tmp_path / name, "run.images=6", *more))
    loaded, resident = (
        torch.cat([w.flatten() for w in weights(tmp_path / name).values()]) for name in ("loaded", "resident")
    )
    begun = torch.cat([w.flatten() for w in weights(_untrained(tmp_path, photographs)).values()])
    assert float((loaded - resident).norm()) < 0.2 * float((loaded - begun).norm())


def _untrained(tmp_path: Path, photographs: Path) -> Path:
    train(configured(photographs, tmp_path / "begun", "run.images=1", "optimiser.rate=0.0"))
    return tmp_path / "begun"


def test_a_run_ends_after_its_minutes_and_goes_on_bit_by_bit(tmp_path: Path, photographs: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(configured(photographs, whole, "run.images=12"))
    train(configured(photographs, parts, "run.images=12", "run.max_minutes=1e-9"))  # one step is always done
    assert counters(parts)["images_seen"] == 2
    assert not (parts / "model").exists()
    train(configured(photographs, parts, "run.images=12"), resume=True)
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(parts)[name], value, rtol=0, atol=0, msg=name)


@pytest.mark.slow
def test_the_command_ends_after_its_minutes_and_goes_on_bit_by_bit(tmp_path: Path, photographs: Path) -> None:
    def splpaint(*options: str) -> str:
        paths = (
            f"data.images={photographs}",
            f"run.out={tmp_path / 'parts'}",
            "run.images=24",
            "data.workers=1",
        )
        more = (*TINY, *STRIDE_8, *RESIDENT, *paths, *options)
        command = [sys.executable, "-m", "splpaint", "train", "compact", *more]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    told = splpaint("run.max_minutes=0.0001")
    assert "run.max_minutes=0.0001 are over; its state is saved, --resume goes on" in " ".join(told.split())
    assert "until the first step, which took" in told
    assert 0 < counters(tmp_path / "parts")["images_seen"] < 24
    splpaint("--resume", "data.workers=0")
    train(configured(photographs, tmp_path / "whole", "run.images=24", *RESIDENT))
    for name, value in weights(tmp_path / "whole").items():
        torch.testing.assert_close(weights(tmp_path / "parts")[name], value, rtol=0, atol=0, msg=name)


def test_unreadable_photographs_of_a_resident_run_are_written_down(tmp_path: Path, photographs: Path) -> None:
    (photographs / "broken.png").write_text("no picture", "utf-8")
    with pytest.raises(InputError, match=r"at most 0 \(1 %\) of 4 pictures .* got 1 so far .*broken\.png"):
        train(configured(photographs, tmp_path / "run", "run.images=8", "data.resident=true"))
    (line,) = (tmp_path / "run" / "unreadable.txt").read_text("utf-8").splitlines()
    assert line.startswith(f"{photographs / 'broken.png'}\t")


@pytest.mark.parametrize("ends", ["checkpoint", "stop", "log"])
def test_nothing_that_is_not_finite_is_ever_saved(ends: str, tmp_path: Path, photographs: Path) -> None:
    out = tmp_path / "run"
    minutes = "run.checkpoint_minutes=0" if ends == "checkpoint" else "run.checkpoint_minutes=1e9"
    config = configured(photographs, out, "run.images=400", minutes)
    train(config, stop=lambda: True)
    saved = (out / "checkpoint.pt").read_bytes()
    run = open_run(config, resume=True, say=print)
    state = run.stepper.state
    steps: list[int] = []

    def spoil(optimiser: Optimizer, *_: object) -> None:
        steps.append(state.step + 1)
        if len(steps) == 3:
            with torch.no_grad():
                next(state.generator.parameters())[0, 0, 0, 0] = float("nan")

    state.optimiser.register_step_post_hook(spoil)
    unseen = Display(400, state.images_seen, run.begun, every_s=1e9)  # asks for the first step's losses alone
    with (
        pytest.raises(NonFiniteLossError, match=r"lower optimiser\.rate and resume from the last checkpoint"),
        unseen,
    ):
        learn(run, unseen, stop=lambda: ends == "stop" and len(steps) == 5)
    assert steps[-1] == {"checkpoint": 4, "stop": 6, "log": 20}[ends]
    if ends != "checkpoint":  # there the last one was made after two good steps
        assert (out / "checkpoint.pt").read_bytes() == saved
    tensors = torch.load(out / "checkpoint.pt", weights_only=True)["generator"]
    assert all(bool(each.isfinite().all()) for each in tensors.values())
    rows = (out / "log.jsonl").read_text("utf-8") if (out / "log.jsonl").exists() else ""
    assert "NaN" not in rows

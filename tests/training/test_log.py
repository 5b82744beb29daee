from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.optim import Optimizer

from splpaint.errors import NonFiniteLossError
from splpaint.training.display import Display
from splpaint.training.loop import learn, train
from splpaint.training.processes import Processes
from splpaint.training.start import open_run
from tests.tiny_run import configured


@pytest.mark.parametrize("ends", ["checkpoint", "stop", "log"])
def test_nothing_that_is_not_finite_is_ever_saved(ends: str, tmp_path: Path, photographs: Path) -> None:
    out = tmp_path / "run"
    minutes = "run.checkpoint_minutes=0" if ends == "checkpoint" else "run.checkpoint_minutes=1e9"
    config = configured(photographs, out, "run.images=400", minutes)
    train(config, stop=lambda: True)
    saved = (out / "checkpoint.pt").read_bytes()
    run = open_run(config, Processes("cpu"), resume=True, say=print)
    state = run.stepper.state
    steps: list[int] = []

    def spoil(optimiser: Optimizer, *_: object) -> None:
        steps.append(state.step + 1)
        if len(steps) == 3:
            with torch.no_grad():
                next(state.generator.parameters())[0, 0, 0, 0] = float("nan")

    state.optimiser.register_step_post_hook(spoil)
    unseen = Display(
        400, state.images_seen, run.start_s, every_s=1e9
    )  # asks for the first step's losses alone
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

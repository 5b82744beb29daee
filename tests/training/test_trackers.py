from __future__ import annotations

import importlib.util
import json
from collections import defaultdict
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from splpaint.errors import InputError
from splpaint.training import trackers
from splpaint.training.loop import train
from tests.tiny_run import configured


def test_tensorboard_is_told_what_the_log_holds_also_of_a_resumed_run(
    tmp_path: Path, photographs: Path
) -> None:
    out = tmp_path / "run"
    more = ('run.trackers=["tensorboard"]', f"data.val={photographs}", "generator.working_size_px=64")
    config = configured(photographs, out, "run.images=6", "run.validate_images=4", *more)
    train(config, stop=lambda: True)
    train(config, resume=True)
    written: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for line in (out / "log.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        for name in row.keys() - {"step", "images", "seconds"}:
            written[name].append((row["images"], row[name]))
    events = EventAccumulator(str(out / "tensorboard"))
    events.Reload()
    assert set(events.Tags()["scalars"]) == set(written)
    for name, rows in written.items():
        told = [(event.step, event.value) for event in events.Scalars(name)]
        assert [step for step, _ in told] == [images for images, _ in rows], name
        assert [value for _, value in told] == pytest.approx([value for _, value in rows], rel=1e-6), name


def test_a_tracker_that_is_not_installed_is_refused_with_what_to_install(
    tmp_path: Path, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(trackers, "find_spec", lambda name: None if name == "wandb" else found(name))
    with pytest.raises(
        InputError, match=r"run\.trackers=wandb needs the package wandb, .*; pip install wandb"
    ):
        train(configured(photographs, tmp_path / "run", "run.images=2", 'run.trackers=["wandb"]'))

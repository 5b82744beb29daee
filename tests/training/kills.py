"""A small run that is killed again and again, and resumed, beside one that is left alone: both end with the same bits.

Every part of the run is a process of its own, forked from this one, which has imported what training needs, and killed
by SIGKILL: at a random time, or soon after something was seen in its folder or among its children, which falls into the
writing of a checkpoint, a validation, or the start of the loading processes.

    python -m tests.training.kills --kills 20
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import torch

from splpaint.training.config import TrainingConfig
from splpaint.training.loop import train
from tests.tiny_run import configured, write_photographs

SETTINGS = (
    "data.workers=1",
    "generator.working_size_px=64",
    "loss.adversarial=0.1",
    "loss.perceptual=0.1",
    "optimiser.ema_decay=0.9",
    "run.checkpoint_minutes=0",  # one after each step
    "run.validate_images=10",
)
MOMENTS = ("any", "checkpoint", "validation", "loader")


def settings(photographs: Path, out: Path, images: int) -> TrainingConfig:
    """Of the run: it writes a checkpoint after each step, and validates after every fifth."""
    return configured(photographs, out, f"data.val={photographs}", f"run.images={images}", *SETTINGS)


def part(config: TrainingConfig) -> None:
    """One process of a run; it resumes where there is something to resume."""
    torch.set_num_threads(1)
    train(config, resume=(config.run.out / "checkpoint.pt").exists())


def start(config: TrainingConfig) -> ForkProcess:
    """Start a process of a run."""
    process = multiprocessing.get_context("fork").Process(target=part, args=(config,))
    process.start()
    return process


def kill(process: ForkProcess, out: Path, moment: str, delay_s: float) -> bool:
    """Kill a process some time after a moment has been seen; False if it ended by itself."""
    seen = _signs(process, out)[moment]
    while process.is_alive() and not seen():
        time.sleep(0.0005)
    time.sleep(delay_s)
    alive = process.is_alive()
    process.kill()
    process.join()
    return alive


def _signs(process: ForkProcess, out: Path) -> dict[str, Callable[[], object]]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")

    def times(file: Path) -> int:
        return file.stat().st_mtime_ns if file.exists() else 0

    before = times(out / "latest" / "SHA256SUMS")
    unfinished = hashlib.sha256(b"checkpoint.pt").hexdigest()[:16]  # as ``atomic_files`` names it
    return {
        "any": lambda: True,
        "checkpoint": lambda: next(out.glob(f".{unfinished}*.part"), None),
        "validation": lambda: times(out / "latest" / "SHA256SUMS") > before,
        "loader": lambda: children.exists() and children.read_text("ascii").split(),
    }


def final_state(out: Path) -> dict[str, Any]:
    """All tensors that a run has left, by file and name."""
    files = {
        name: torch.load(out / name, weights_only=True) for name in ("checkpoint.pt", "checkpoints/best.pt")
    }
    return {
        f"{name}:{key}": tensor
        for name, content in files.items()
        for key, tensor in _tensors(content, "").items()
    }


def _tensors(value: Any, name: str) -> dict[str, torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return {name: value}
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {
        deeper: tensor for key, each in inner for deeper, tensor in _tensors(each, f"{name}/{key}").items()
    }


def run_with_kills(
    place: Path, *, kills: int, images: int, longest_s: float, seed: int, say: Callable[[str], object]
) -> None:
    """Run twice, killing one of them, and compare.

    Raises:
        AssertionError: A process failed by itself, or a weight differs.
    """
    chance = random.Random(seed)
    photographs = write_photographs(place / "photographs")
    whole, parts = (settings(photographs, place / name, images) for name in ("whole", "parts"))
    alone = start(whole)
    for number in range(kills):
        moment = MOMENTS[number % len(MOMENTS)]
        delay_s = chance.uniform(0, longest_s if moment == "any" else 0.03)
        begun = time.monotonic()
        killed = kill(process := start(parts), parts.run.out, moment, delay_s)
        assert killed or process.exitcode == 0, f"exit code {process.exitcode} before the kill"
        found = parts.run.out / "checkpoint.pt"
        images_seen = torch.load(found, weights_only=True)["counters"]["images_seen"] if found.exists() else 0
        said = f"killed {time.monotonic() - begun:.3f} s after its start" if killed else "had ended"
        say(f"{number + 1:3} {moment:<10} {said}; {images_seen} images in its checkpoint")
    for process in (alone, start(parts)):
        process.join()
        assert process.exitcode == 0, f"exit code {process.exitcode}"
    wanted, got = final_state(whole.run.out), final_state(parts.run.out)
    assert got.keys() == wanted.keys()
    different = [name for name in wanted if not torch.equal(wanted[name], got[name])]
    assert not different, different
    rows = [(config.run.out / "log.jsonl").read_text("utf-8").count("\n") for config in (whole, parts)]
    assert rows[0] == rows[1], f"rows of the logs: {rows}"
    leftovers = list(parts.run.out.rglob(".*.part"))
    assert not leftovers, leftovers
    say(f"{len(wanted)} tensors are equal, bit by bit")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--images", type=int, default=240)
    parser.add_argument("--longest-s", type=float, default=8.0, help="of the random times")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(options)  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        run_with_kills(
            Path(folder),
            kills=options.kills,
            images=options.images,
            longest_s=options.longest_s,
            seed=options.seed,
            say=print,
        )

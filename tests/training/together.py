"""The same run by one process and by several, over gloo: gradients of the first step, losses of 19, and again.

Processes are forked from this one, which has imported what training needs, with the variables that ``torchrun`` sets.

    python -m tests.training.together
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import accelerate  # noqa: F401  # imported once, for all processes
import torch

from splpaint.training.processes import Processes
from splpaint.training.start import open_run
from tests.tiny_run import BEYOND_THE_PAPER, RESIDENT, configured, write_photographs

ALL_LOSSES = ("loss.reconstruction=1", "loss.perceptual=0.1", "loss.adversarial=0.1", *BEYOND_THE_PAPER)
NO_ADVERSARY = ("loss.reconstruction=1", "loss.perceptual=0.1")
COMMON = ("run.images=78", "run.batch_size=4", "optimiser.clip_norm=1e9")  # 19 steps and a half

RUNS: dict[str, tuple[int, tuple[str, ...]]] = {
    "alone": (1, ALL_LOSSES),
    "two": (2, ALL_LOSSES),
    "two again": (2, ALL_LOSSES),
    "four": (4, (*ALL_LOSSES, "run.images=80")),
    "no adversary": (1, NO_ADVERSARY),
    "accumulated": (1, (*NO_ADVERSARY, "run.accumulate=2")),
    "two, accumulated": (2, (*NO_ADVERSARY, "run.accumulate=2")),
    "without distillation": (2, (*NO_ADVERSARY, "loss.distillation=0")),
    "resident": (1, (*NO_ADVERSARY, *RESIDENT)),
    "two, resident": (2, (*NO_ADVERSARY, *RESIDENT)),
}
"""Name -> number of processes, what differs from the tiny recipe."""


class Found(NamedTuple):
    """What the first process has seen of a run."""

    gradients: dict[str, torch.Tensor]
    losses: list[dict[str, float]]
    weights: dict[str, torch.Tensor]
    images_seen: int


def run(photographs: Path, out: Path, overrides: tuple[str, ...], environment: dict[str, str]) -> None:
    """One process of a run; the first writes down what it has seen."""
    os.environ.update(environment)
    torch.set_num_threads(1)
    processes = Processes("cpu")
    config = configured(photographs, out, *COMMON, *overrides)
    opened = open_run(config, processes, resume=False, say=lambda line: None)
    state = opened.stepper.state
    networks = [state.generator, *([state.adversary.discriminator] if state.adversary else [])]
    gradients: dict[str, torch.Tensor] = {}

    def keep(*_: object) -> None:
        if state.step == 0:
            for number, network in enumerate(networks):
                for name, weight in network.named_parameters():
                    if weight.grad is not None:
                        gradients[f"{number}.{name}"] = weight.grad.clone()

    state.optimiser.register_step_pre_hook(keep)
    losses = [opened.stepper.read(opened.stepper(batch)) for batch in opened.samples]
    if processes.first:
        weights = {name: value.clone() for name, value in state.generator.state_dict().items()}
        torch.save(Found(gradients, losses, weights, state.images_seen)._asdict(), out / "found.pt")
    processes.close()


def run_together(photographs: Path, out: Path, name: str) -> Found:
    """Run one of ``RUNS``."""
    count, overrides = RUNS[name]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    common = {"WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count), "OMP_NUM_THREADS": "1"}
    common |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    started = []
    for rank in range(count):
        environment = common | {"RANK": str(rank), "LOCAL_RANK": str(rank)}
        arguments = (photographs, out, overrides, environment)
        started.append(multiprocessing.get_context("fork").Process(target=run, args=arguments))
        started[-1].start()
    for process in started:
        process.join(120)
        assert process.exitcode == 0, f"{name}: exit code {process.exitcode}"
    return Found(**torch.load(out / "found.pt", weights_only=True))


def furthest(one: Found, other: Found) -> tuple[float, float]:
    """The largest difference between gradients, relative to each, and between losses, relative to each.

    Gradients that are rounding alone, as those of biases that a normalisation cancels, are left out.
    """
    assert one.gradients.keys() == other.gradients.keys()
    largest = max(float(gradient.norm()) for gradient in other.gradients.values())
    gradients = max(
        float((one.gradients[name] - gradient).norm() / gradient.norm())
        for name, gradient in other.gradients.items()
        if gradient.norm() > 1e-6 * largest
    )
    losses = max(
        abs(ours[name] - theirs[name]) / max(abs(theirs[name]), 1e-9)
        for ours, theirs in zip(one.losses[:19], other.losses[:19], strict=True)
        for name in theirs
    )
    return gradients, losses


def compare(place: Path, say: Callable[[str], Any]) -> None:
    """Run all and compare.

    Raises:
        AssertionError: They differ.
    """
    photographs = write_photographs(place / "photographs")
    found = {name: run_together(photographs, place / name.replace(" ", "-"), name) for name in RUNS}
    assert all(torch.equal(a, found["two again"].weights[key]) for key, a in found["two"].weights.items())
    say("two processes, twice: bit by bit the same")
    pairs = {
        "two": "alone",
        "four": "alone",
        "accumulated": "no adversary",
        "two, accumulated": "no adversary",
        "two, resident": "resident",
    }
    for name, other in pairs.items():
        gradients, losses = furthest(found[name], found[other])
        say(f"{name} against {other}: gradients to {gradients:.1e}, losses of 19 steps to {losses:.1e}")
        assert gradients < 1e-4, name
        assert losses < 1e-3, name
    assert [each.images_seen for each in (found["alone"], found["two"], found["four"])] == [78, 78, 80]
    assert "distillation" not in found["without distillation"].losses[0]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), print)

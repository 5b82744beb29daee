"""The state of a run, written whole or not at all; resumed from it, a run is as if never interrupted.

What a step draws at random is a function of the seed and the step (``step.py``), and so is a sample of its index: the
counters stand for every random state and for the place in the stream of samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from splpaint.atomic_files import atomic_path, link_atomic, sync_folder
from splpaint.errors import ModelError
from splpaint.networks import PretextNetwork, read_torch_file
from splpaint.training.ema import EMA

__all__ = [
    "CHECKPOINT_FILE",
    "Adversary",
    "TrainingState",
    "read_checkpoint",
    "restore",
    "save_checkpoint",
]

CHECKPOINT_FILE = "checkpoint.pt"
_KEPT_FOLDER = "checkpoints"  # the last ones by the images seen, and the best
_BEST_FILE = "best.pt"


@dataclass
class Adversary:
    """The discriminator and its optimiser."""

    discriminator: nn.Module
    optimiser: torch.optim.Optimizer


@dataclass
class TrainingState:
    """Everything that training changes.

    Attributes:
        generator: The network that is trained.
        ema: Its moving average.
        optimiser: That of the generator.
        pretext: Its standardisation is measured once, at the start; None if no loss needs it.
        adversary: None without adversarial loss.
        scaler: Of the losses, in fp16; otherwise it does nothing.
        step: Optimiser steps done.
        images_seen: Samples used.
        images_validated: Samples used at the last validation.
        elapsed_s: Training time over all the run's processes.
        best_psnr: Best validation so far, dB.
        log_bytes: Length of the run's log.
    """

    generator: nn.Module
    ema: EMA
    optimiser: torch.optim.Optimizer
    pretext: PretextNetwork | None
    adversary: Adversary | None
    scaler: torch.amp.GradScaler = field(default_factory=lambda: torch.amp.GradScaler(enabled=False))
    step: int = 0
    images_seen: int = 0
    images_validated: int = 0
    elapsed_s: float = 0.0
    best_psnr: float = -1.0
    log_bytes: int = 0


_COUNTERS = ("step", "images_seen", "images_validated", "elapsed_s", "best_psnr", "log_bytes")


def save_checkpoint(
    state: TrainingState, folder: Path, recipe: str, *, keep: int = 1, best: bool = False
) -> None:
    """Write ``checkpoint.pt``, and keep it in ``checkpoints/`` with those before it.

    Args:
        state: What is saved.
        folder: Of the run.
        recipe: The run's configuration, as JSON.
        keep: So many of the last checkpoints stay, this one included.
        best: Whether this one becomes ``checkpoints/best.pt``, too.

    Raises:
        InputError: It cannot be written: the disk is full, the folder is locked. Those before it are as they were.
    """
    kept = folder / _KEPT_FOLDER
    names = [folder / CHECKPOINT_FILE, kept / f"{state.images_seen:012d}.pt"]
    if best:  # first: with ``checkpoint.pt`` there, this validation would not be done again
        names.insert(0, kept / _BEST_FILE)
    with atomic_path(names[0]) as part, part.open("wb") as file:  # a Python file: a full disk is an OSError
        torch.save(_content(state, recipe), file)
    for name in names[1:]:
        link_atomic(names[0], name)
    for place in (kept, folder):
        sync_folder(place)
    for old in _last_checkpoints(folder)[keep:]:
        old.unlink()


def read_checkpoint(folder: Path, *, say: Callable[[str], object]) -> dict[str, Any]:
    """The content of ``checkpoint.pt``, or of the last one that can be read.

    Args:
        folder: Of the run.
        say: Tells the user one line.

    Raises:
        ModelError: There is none.
    """
    path = folder / CHECKPOINT_FILE
    if not path.is_file():
        raise ModelError(f"`resume=True` needs a checkpoint, found none at {path}; start the run without it")
    problems: list[ModelError] = []
    for file in [path, *_last_checkpoints(folder)]:
        try:
            content: dict[str, Any] = read_torch_file(file)
        except ModelError as error:
            problems.append(error)
            continue
        for problem in problems:
            say(str(problem))
        if problems:
            say(f"the run continues from {file} instead")
        return content
    raise problems[0]


def restore(state: TrainingState, content: dict[str, Any]) -> None:
    """Bring ``state`` to what ``read_checkpoint`` has given.

    Raises:
        ModelError: It belongs to other networks.
    """
    try:
        state.generator.load_state_dict(content["generator"])
        state.ema.network.load_state_dict(content["ema"])
        state.optimiser.load_state_dict(content["optimiser"])
        if state.adversary is not None:
            state.adversary.discriminator.load_state_dict(content["discriminator"])
            state.adversary.optimiser.load_state_dict(content["discriminator_optimiser"])
        if content["scaler"]:
            state.scaler.load_state_dict(content["scaler"])
        if state.pretext is not None:
            for name, measured in state.pretext.measured().items():
                measured.copy_(content["pretext"][name])
        for name in _COUNTERS:
            setattr(state, name, content["counters"][name])
    except (RuntimeError, ValueError, KeyError) as error:
        raise ModelError(
            f"the checkpoint does not fit the configured networks and losses: {error}"
        ) from error


def _content(state: TrainingState, recipe: str) -> dict[str, Any]:
    content: dict[str, Any] = {
        "generator": state.generator.state_dict(),
        "ema": state.ema.network.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "scaler": state.scaler.state_dict(),
        "counters": {name: getattr(state, name) for name in _COUNTERS},
        "recipe": recipe,
    }
    if state.pretext is not None:
        content["pretext"] = state.pretext.measured()
    if state.adversary is not None:
        content["discriminator"] = state.adversary.discriminator.state_dict()
        content["discriminator_optimiser"] = state.adversary.optimiser.state_dict()
    return content


def _last_checkpoints(folder: Path) -> list[Path]:
    """Those that are kept by the images seen, the last written first."""
    files = (folder / _KEPT_FOLDER).glob("[0-9]*.pt")
    return sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)

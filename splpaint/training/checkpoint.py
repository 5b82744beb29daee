"""The state of a run, written whole or not at all; resumed from it, a run is as if never interrupted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from splpaint.atomic_files import atomic_path
from splpaint.errors import ModelError
from splpaint.networks import PretextNetwork, read_torch_file
from splpaint.training.ema import EMA

CHECKPOINT_FILE = "checkpoint.pt"


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
        step: Optimiser steps done.
        images_seen: Samples used.
        elapsed_s: Training time over all the run's processes.
        best_psnr: Best validation so far, dB.
    """

    generator: nn.Module
    ema: EMA
    optimiser: torch.optim.Optimizer
    pretext: PretextNetwork | None
    adversary: Adversary | None
    step: int = 0
    images_seen: int = 0
    elapsed_s: float = 0.0
    best_psnr: float = -1.0


_COUNTERS = ("step", "images_seen", "elapsed_s", "best_psnr")


def save_checkpoint(state: TrainingState, folder: Path) -> None:
    """Write ``checkpoint.pt`` under a temporary name, then rename."""
    content: dict[str, Any] = {
        "generator": state.generator.state_dict(),
        "ema": state.ema.network.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "counters": {name: getattr(state, name) for name in _COUNTERS},
    }
    if state.pretext is not None:
        content |= {"feature_mean": state.pretext.feature_mean, "feature_std": state.pretext.feature_std}
    if state.adversary is not None:
        content["discriminator"] = state.adversary.discriminator.state_dict()
        content["discriminator_optimiser"] = state.adversary.optimiser.state_dict()
    with atomic_path(folder / CHECKPOINT_FILE) as part:
        torch.save(content, part)


def load_checkpoint(state: TrainingState, folder: Path) -> None:
    """Restore ``state`` from ``checkpoint.pt``.

    Raises:
        ModelError: There is none, or it belongs to other networks.
    """
    path = folder / CHECKPOINT_FILE
    if not path.is_file():
        raise ModelError(f"`resume=True` needs a checkpoint, found none at {path}; start the run without it")
    content = read_torch_file(path)
    try:
        state.generator.load_state_dict(content["generator"])
        state.ema.network.load_state_dict(content["ema"])
        state.optimiser.load_state_dict(content["optimiser"])
        if state.adversary is not None:
            state.adversary.discriminator.load_state_dict(content["discriminator"])
            state.adversary.optimiser.load_state_dict(content["discriminator_optimiser"])
        if state.pretext is not None:
            state.pretext.feature_mean.copy_(content["feature_mean"])
            state.pretext.feature_std.copy_(content["feature_std"])
    except (RuntimeError, ValueError, KeyError) as error:
        raise ModelError(f"{path} does not fit the configured networks and losses: {error}") from error
    for name in _COUNTERS:
        setattr(state, name, content["counters"][name])

"""The state of a run, written whole or not at all, from which it goes on as if never interrupted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from splpaint.errors import ModelError
from splpaint.networks.pretext import PretextNetwork
from splpaint.training.ema import EMA

CHECKPOINT_FILE = "checkpoint.pt"


@dataclass
class TrainingState:
    """Everything that training changes.

    Attributes:
        generator: Being trained.
        ema: Its moving average.
        optimiser: Of the generator.
        pretext: Its standardisation is measured once, at the start.
        step: Optimiser steps done.
        images_seen: Samples used.
        elapsed_s: Training time over all the run's processes.
        best_psnr: Best validation so far, dB.
    """

    generator: nn.Module
    ema: EMA
    optimiser: torch.optim.Optimizer
    pretext: PretextNetwork
    step: int = 0
    images_seen: int = 0
    elapsed_s: float = 0.0
    best_psnr: float = -1.0


def save_checkpoint(state: TrainingState, folder: Path) -> None:
    """Write ``checkpoint.pt`` under a temporary name, then rename."""
    content = {
        "generator": state.generator.state_dict(),
        "ema": state.ema.network.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "feature_mean": state.pretext.feature_mean,
        "feature_std": state.pretext.feature_std,
        "counters": {
            "step": state.step,
            "images_seen": state.images_seen,
            "elapsed_s": state.elapsed_s,
            "best_psnr": state.best_psnr,
        },
    }
    part = folder / (CHECKPOINT_FILE + ".part")
    torch.save(content, part)
    part.replace(folder / CHECKPOINT_FILE)


def load_checkpoint(state: TrainingState, folder: Path) -> None:
    """Fill ``state`` from ``checkpoint.pt``.

    Raises:
        ModelError: There is none, or it belongs to other networks.
    """
    path = folder / CHECKPOINT_FILE
    if not path.is_file():
        raise ModelError(f"--resume needs a checkpoint, found none at {path}; start the run without --resume")
    content = torch.load(path, weights_only=True, map_location="cpu")
    try:
        state.generator.load_state_dict(content["generator"])
        state.ema.network.load_state_dict(content["ema"])
        state.optimiser.load_state_dict(content["optimiser"])
    except (RuntimeError, ValueError, KeyError) as error:
        raise ModelError(f"{path} does not fit the configured networks: {error}") from error
    state.pretext.feature_mean.copy_(content["feature_mean"])
    state.pretext.feature_std.copy_(content["feature_std"])
    for name, value in content["counters"].items():
        setattr(state, name, value)

"""A training run that takes seconds: a small network, small samples, three waves for photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from splpaint.networks.checkpoints import load_model
from splpaint.training.config import TrainingConfig
from splpaint.training.recipes.recipe import load_recipe

TINY = (
    "generator.architecture=compact",
    "generator.stem_channels=[8,8,16]",
    "generator.trunk_dilations=[1]",
    "generator.learner_channels=[8,8,16]",
    "generator.learner_dilations=[1]",
    "generator.layout_channels=16",
    "data.size_px=64",
    "data.mask_sizes_px=[64]",
    "data.short_side_px=[64,80]",
    "data.workers=0",
    # At scale 1 the feature of stage 3 has half the prior's height and width; that of stage 2 fits.
    "pretext.scale=1.0",
    "pretext.stage=2",
    "generator.prior_channels=40",
    "discriminator.channels=[8,8,16,16]",
    "run.batch_size=2",
    "run.compile=false",
    "run.precision=fp32",
)

BEYOND_THE_PAPER = (
    "loss.teacher=compact",
    "loss.imitation=3",
    "loss.psnr=0.05",
    "generator.fill_levels=5",  # for samples of 32 pixels
    "data.progressive=[[32,4]]",
)

RESIDENT = ("data.resident=true", "data.resident_masks=5", "data.colour=0.3")


def configured(photographs: Path, out: Path, *more: str) -> TrainingConfig:
    """The recipe ``compact`` made tiny, with more overrides."""
    paths = (f"data.images={photographs}", f"run.out={out}")
    return load_recipe("compact", [*TINY, *paths, *more])


def weights(run: Path) -> dict[str, torch.Tensor]:
    """Of the model that a run has released."""
    return dict(load_model(run / "model")[0].state_dict())


def counters(run: Path) -> dict[str, int]:
    """Of the checkpoint that a run has saved."""
    return dict(torch.load(run / "checkpoint.pt", weights_only=True)["counters"])


def write_photographs(folder: Path) -> Path:
    """Three pictures of waves."""
    folder.mkdir()
    rows, columns = np.mgrid[:96, :120]
    for number in range(3):
        waves = np.stack(
            [np.sin(rows / (3 + number)), np.cos(columns / 5), np.sin((rows + columns) / 9)], axis=2
        )
        Image.fromarray(np.uint8(127 + 120 * waves)).save(folder / f"{number}.png")
    return folder

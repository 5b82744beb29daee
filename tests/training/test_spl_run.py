"""The published generator with fewer blocks, from photographs to a painted picture, by commands alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.oracle_weights import asl_checkpoint, asl_weights

EXAMPLES = Path(__file__).parents[2] / "examples"


def splpaint(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "splpaint", *arguments], check=True)


@pytest.mark.slow
def test_a_shallow_spl_trains_with_the_paris_recipe_and_paints(tmp_path: Path) -> None:
    photographs, masks = tmp_path / "photographs", tmp_path / "masks"
    photographs.mkdir()
    masks.mkdir()
    for name in ("cat.webp", "statue.webp", "canyon.webp"):
        with Image.open(EXAMPLES / "photographs" / name) as photograph:
            photograph.convert("RGB").resize((200, 150)).save(photographs / f"{name}.png")
    hole = np.zeros((512, 512), np.uint8)
    hole[100:300, 200:260] = 255
    Image.fromarray(hole).save(masks / "0.png")
    pretext = asl_checkpoint(tmp_path / "asl.pth", asl_weights())

    run, model = tmp_path / "run", tmp_path / "model"
    splpaint(
        *("train", "paris", f"data.images={photographs}", f"data.masks={masks}", f"run.out={run}"),
        *(f"pretext.weights={pretext.weights}", "data.size_px=64", "data.workers=0"),
        *("run.epochs=2", "run.batch_size=2", "run.precision=fp32"),
        *("generator.trunk_dilations=[2]", "generator.dense_blocks=1"),  # the rest as published
    )
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    assert state["counters"]["images_seen"] == 6
    assert {"discriminator", "discriminator_optimiser"} <= state.keys()

    splpaint("export", str(run / "model"), "-o", str(model))
    photo, mask = photographs / "cat.webp.png", tmp_path / "mask.png"
    Image.fromarray(np.pad(np.full((40, 60), 255, np.uint8), ((50, 60), (70, 70)))).save(mask)
    painted = tmp_path / "painted.png"
    splpaint("paint", str(photo), "--mask", str(mask), "--model", str(model), "-o", str(painted))
    before, after = np.asarray(Image.open(photo)), np.asarray(Image.open(painted))
    known = np.asarray(Image.open(mask)) == 0
    assert np.array_equal(before[known], after[known])
    assert (before[~known] != after[~known]).mean() > 0.5

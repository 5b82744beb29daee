from __future__ import annotations

from pathlib import Path

import torch

from splpaint.networks.pretext import load_pretext
from splpaint.networks.spl import SPLOutput
from splpaint.training.objective import generator_objective
from tests.tiny_run import configured


def test_the_perceptual_loss_alone_teaches_the_hole_alone(photographs: Path, tmp_path: Path) -> None:
    losses = ("loss.perceptual=1", "loss.distillation=0", "loss.hole=0", "loss.known=0")
    config = configured(photographs, tmp_path, "run.images=1", *losses)
    random = torch.Generator().manual_seed(0)
    image = torch.rand(1, 3, 64, 64, generator=random)
    painted = torch.rand(1, 3, 64, 64, generator=random, requires_grad=True)
    hole = torch.zeros(1, 1, 64, 64)
    hole[..., 20:40, 10:30] = 1
    output = SPLOutput(painted, torch.zeros(1), torch.zeros(1))
    objective = generator_objective(
        output, image, hole, config.loss, perceive=load_pretext(config.pretext).stages
    )
    assert objective.terms.keys() == {"perceptual"}
    (gradient,) = torch.autograd.grad(objective.total, painted)
    assert bool((gradient[hole.expand_as(gradient) == 1] != 0).all())
    assert bool((gradient[hole.expand_as(gradient) == 0] == 0).all())

"""What is minimised: the painted picture against the truth, the prior against the pretext feature."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from splpaint.data.dataset import Sample
from splpaint.networks.spl import SPLOutput
from splpaint.training.config import LossConfig
from splpaint.training.losses import distillation, region_l1


class Objective(NamedTuple):
    """The total to minimise and its unweighted terms, for people to read."""

    total: Tensor
    terms: dict[str, float]


def reconstruction_and_distillation(
    generator: Callable[[Tensor, Tensor], SPLOutput],
    pretext: Callable[[Tensor], Tensor],
    batch: Sample,
    weights: LossConfig,
) -> Objective:
    """One batch through the generator and the pretext network.

    Args:
        generator: Image and hole to painted picture, layout and prior.
        pretext: Undamaged picture to feature; gets no gradient.
        batch: Tensors with a batch dimension.
        weights: Factors of the terms.
    """
    output = generator(batch.image, batch.hole)
    with torch.no_grad():
        feature = pretext(batch.pretext_image).float()
    hole_l1, known_l1 = region_l1(output.painted, batch.image, batch.hole)
    distilled = distillation(output.prior, feature, batch.hole)
    total = weights.hole * hole_l1 + weights.known * known_l1 + weights.distillation * distilled
    terms = {"hole": hole_l1.item(), "known": known_l1.item(), "distillation": distilled.item()}
    return Objective(total, terms)

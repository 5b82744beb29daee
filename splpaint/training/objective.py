"""What is minimised: by the discriminator first, then by the generator against the updated discriminator."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from splpaint.networks.layers import at_least_float32
from splpaint.networks.spl import SPLOutput
from splpaint.training.config import LossConfig
from splpaint.training.losses import distillation, judged_as, reconstruction, region_l1

Judge = Callable[[Tensor], Tensor]
"""A discriminator: (B,3,H,W) picture => scores in [0,1], 1 = real."""


class Objective(NamedTuple):
    """The total to minimise and its unweighted terms."""

    total: Tensor
    terms: dict[str, Tensor]


def generator_objective(
    output: SPLOutput,
    image: Tensor,
    hole: Tensor,
    weights: LossConfig,
    *,
    feature: Tensor | None = None,
    judge: Judge | None = None,
) -> Objective:
    """All losses of the generator whose weight is not 0.

    Args:
        output: Of the generator.
        image: (B,3,H,W) truth.
        hole: (B,1,H,W).
        weights: Factors of the terms.
        feature: (B,P,h,w) pretext feature of the undamaged pictures; None: no distillation.
        judge: The discriminator; None: no adversarial loss.
    """
    terms: dict[str, Tensor] = {}
    if weights.reconstruction:
        terms["reconstruction"] = reconstruction(output.painted, image, hole)
    if weights.hole or weights.known:
        terms["hole"], terms["known"] = region_l1(output.painted, image, hole)
    if weights.distillation and feature is not None:
        terms["distillation"] = distillation(output.prior, at_least_float32(feature), hole)
    if weights.adversarial and judge is not None:
        with torch.autocast(image.device.type, enabled=False):
            terms["adversarial"] = judged_as(judge(at_least_float32(output.painted)), real=True)
    total = sum(
        (getattr(weights, name) * term for name, term in terms.items()), torch.zeros((), device=image.device)
    )
    return Objective(total, terms)


def discriminator_objective(judge: Judge, image: Tensor, painted: Tensor) -> Tensor:
    """Half the sum of both errors of the discriminator, on true pictures and on raw predictions.

    Args:
        judge: The discriminator.
        image: (B,3,H,W) truth.
        painted: (B,3,H,W) raw prediction; gets no gradient.
    """
    with torch.autocast(image.device.type, enabled=False):
        real, painted_scores = judge(image), judge(at_least_float32(painted.detach()))
        return (judged_as(real, real=True) + judged_as(painted_scores, real=False)) / 2

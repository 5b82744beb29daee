"""The objectives: the discriminator's first, then the generator's, against the updated discriminator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from splpaint.networks import SPLOutput, at_least_float32
from splpaint.training.config import LossConfig
from splpaint.training.losses import (
    adversarial,
    distillation,
    imitation,
    negative_psnr,
    perceptual,
    reconstruction,
    region_l1,
)

Judge = Callable[[Tensor], Tensor]
"""A discriminator: (B,3,H,W) image => scores in [0,1], 1 = real."""

Perceive = Callable[[Tensor], Sequence[Tensor]]
"""A frozen classifier: (B,3,H,W) image => a feature map (B,C,h,w) per stage."""


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
    taught: Tensor | None = None,
    judge: Judge | None = None,
    perceive: Perceive | None = None,
) -> Objective:
    """All losses of the generator whose weight is not 0.

    Args:
        output: The generator's output.
        image: (B,3,H,W) truth.
        hole: (B,1,H,W).
        weights: Factors of the terms.
        feature: (B,P,h,w) pretext feature of the undamaged images; None: no distillation.
        taught: (B,3,H,W) what the teacher paints; None: no imitation.
        judge: The discriminator, scoring in float32; None: no adversarial loss.
        perceive: The pretext network's stages; None: no perceptual loss.
    """
    terms: dict[str, Tensor] = {}
    if weights.reconstruction:
        terms["reconstruction"] = reconstruction(output.painted, image, hole)
    if weights.hole or weights.known:
        terms["hole"], terms["known"] = region_l1(output.painted, image, hole)
    if weights.psnr:
        terms["psnr"] = negative_psnr(output.painted, image, hole)
    if weights.distillation and feature is not None:
        terms["distillation"] = distillation(output.prior, at_least_float32(feature), hole)
    if taught is not None:
        terms["imitation"] = imitation(output.painted, taught, hole)
    if weights.perceptual and perceive is not None:
        composite = hole * output.painted + (1 - hole) * image
        with torch.no_grad():
            truth = perceive(image)
        terms["perceptual"] = perceptual(perceive(composite), truth, hole)
    if weights.adversarial and judge is not None:
        terms["adversarial"] = adversarial(judge(output.painted), real=True)
    total = sum(
        (getattr(weights, name) * term for name, term in terms.items()), torch.zeros((), device=image.device)
    )
    return Objective(total, terms)


def discriminator_objective(judge: Judge, image: Tensor, painted: Tensor) -> Tensor:
    """The mean of the discriminator's two losses, on true images and on raw predictions.

    Args:
        judge: The discriminator, scoring in float32.
        image: (B,3,H,W) truth.
        painted: (B,3,H,W) raw prediction; gets no gradient.
    """
    real, painted_scores = judge(image), judge(painted.detach())
    return (adversarial(real, real=True) + adversarial(painted_scores, real=False)) / 2

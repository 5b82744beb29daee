"""The losses, as pure functions (SPL, sec. 3.4)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from splpaint.networks.layers import at_least_float32


def reconstruction(painted: Tensor, image: Tensor, hole: Tensor, *, hole_weight: float = 2.0) -> Tensor:
    """Mean of |painted - image| * (1 + hole_weight * m) over all elements (SPL, eq. 5, without its factor).

    Args:
        painted: (B,3,H,W) raw prediction.
        image: (B,3,H,W) truth.
        hole: (B,1,H,W).
        hole_weight: How much more the hole counts.
    """
    return ((at_least_float32(painted) - image).abs() * (1 + hole_weight * hole)).mean()


def region_l1(painted: Tensor, image: Tensor, hole: Tensor) -> tuple[Tensor, Tensor]:
    """Mean absolute error inside and outside the hole, each over its own area.

    Differs from the paper's ``reconstruction``: there a small hole hardly counts.

    Args:
        painted: (B,3,H,W) raw prediction.
        image: (B,3,H,W) truth.
        hole: (B,1,H,W).

    Returns:
        Two scalars, means over the pictures; an empty region counts 0.
    """
    error = (at_least_float32(painted) - image).abs().mean(dim=1, keepdim=True)
    inside = (error * hole).sum(dim=(1, 2, 3)) / hole.sum(dim=(1, 2, 3)).clamp(min=1)
    outside = (error * (1 - hole)).sum(dim=(1, 2, 3)) / (1 - hole).sum(dim=(1, 2, 3)).clamp(min=1)
    return inside.mean(), outside.mean()


def distillation(prior: Tensor, feature: Tensor, hole: Tensor, *, hole_weight: float = 3.0) -> Tensor:
    """Mean of |prior - feature| * (1 + hole_weight * m) over all elements (SPL, eq. 2).

    Args:
        prior: (B,P,h,w) predicted pretext feature.
        feature: (B,P,h,w) pretext feature of the undamaged picture.
        hole: (B,1,H,W), resized to (h,w) by nearest neighbour.
        hole_weight: How much more the hole counts.
    """
    m = F.interpolate(hole, size=prior.shape[2:], mode="nearest")
    return ((at_least_float32(prior) - feature).abs() * (1 + hole_weight * m)).mean()


def judged_as(scores: Tensor, *, real: bool) -> Tensor:
    """Binary cross entropy of a discriminator's scores in [0,1] with all real or all painted (SPL, eq. 6)."""
    wanted = torch.ones_like(scores) if real else torch.zeros_like(scores)
    return F.binary_cross_entropy(scores, wanted)

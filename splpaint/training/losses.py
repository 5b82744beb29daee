"""The losses, as pure functions (SPL, sec. 3.4)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from splpaint.networks import at_least_float32

_RIGHT = 1e-4  # a mean squared error that nobody sees, of 40 dB


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
        Two scalars, means over the images; an empty region counts 0.
    """
    error = (at_least_float32(painted) - image).abs().mean(dim=1, keepdim=True)
    return _mean_within(error, hole).mean(), _mean_within(error, 1 - hole).mean()


def negative_psnr(painted: Tensor, image: Tensor, hole: Tensor) -> Tensor:
    """Minus the PSNR in the hole in dB, the mean over the images.

    Chen et al. 2021, "HINet: Half Instance Normalization Network for Image Restoration"; not in SPL. Halving
    an error counts the same in a plain ground as in foliage; an L1 loss hardly sees the ground.

    Args:
        painted: (B,3,H,W) raw prediction.
        image: (B,3,H,W) truth.
        hole: (B,1,H,W); an empty one counts as if all were right.
    """
    squares = (at_least_float32(painted) - image).square().mean(dim=1, keepdim=True)
    return 10 * torch.log10(_mean_within(squares, hole) + _RIGHT).mean()


def distillation(prior: Tensor, feature: Tensor, hole: Tensor, *, hole_weight: float = 3.0) -> Tensor:
    """Mean of |prior - feature| * (1 + hole_weight * m) over all elements (SPL, eq. 2).

    Args:
        prior: (B,P,h,w) predicted pretext feature.
        feature: (B,P,h,w) pretext feature of the undamaged image.
        hole: (B,1,H,W), resized to (h,w) by nearest neighbour.
        hole_weight: How much more the hole counts.
    """
    m = F.interpolate(hole, size=prior.shape[2:], mode="nearest")
    return ((at_least_float32(prior) - feature).abs() * (1 + hole_weight * m)).mean()


def perceptual(painted: Sequence[Tensor], image: Sequence[Tensor], hole: Tensor) -> Tensor:
    """Mean of |feature of the painted - feature of the true image|.

    Follows Johnson et al. 2016 ("Perceptual Losses for Real-Time Style Transfer and Super-Resolution", sec. 3.2);
    not in SPL. The painted and the true image differ in the hole alone, so the mean is divided by the hole's share.

    Args:
        painted: (B,C,h,w) features of the painted images, one per stage.
        image: Those of the true images.
        hole: (B,1,H,W).
    """
    area = hole.mean(dim=(1, 2, 3)).clamp(min=1 / 64)
    stages = []
    for ours, theirs in zip(painted, image, strict=True):
        error = (at_least_float32(ours) - at_least_float32(theirs)).abs().mean(dim=(1, 2, 3))
        stages.append((error / area).mean())
    return torch.stack(stages).mean()


def imitation(painted: Tensor, taught: Tensor, hole: Tensor) -> Tensor:
    """L1 between what two painters paint in the hole, over its area: the mean over the full size, 1/2, 1/4 and 1/8.

    After MI-GAN (Sargsyan et al. 2023, "MI-GAN: A Simple Baseline for Image Inpainting on Mobile Devices", sec. 3.2),
    whose student is compared at each of its own output sizes; here the one output is shrunk. Not in SPL.

    Args:
        painted: (B,3,H,W) raw prediction; H and W are multiples of 8.
        taught: (B,3,H,W) the teacher's.
        hole: (B,1,H,W).
    """
    difference = (at_least_float32(painted) - taught) * hole
    area = hole.mean(dim=(1, 2, 3)).clamp(min=1 / hole[0].numel())
    sizes = [F.avg_pool2d(difference, shrink).abs().mean(dim=(1, 2, 3)) / area for shrink in (1, 2, 4, 8)]
    return torch.stack(sizes).mean()


def adversarial(scores: Tensor, *, real: bool) -> Tensor:
    """Binary cross entropy of a discriminator's scores in [0,1] with all real or all painted (SPL, eq. 6)."""
    wanted = torch.ones_like(scores) if real else torch.zeros_like(scores)
    return F.binary_cross_entropy(scores, wanted)


def _mean_within(values: Tensor, region: Tensor) -> Tensor:
    # (B,1,H,W) each => (B,); 0 where the region is empty.
    return (values * region).sum(dim=(1, 2, 3)) / region.sum(dim=(1, 2, 3)).clamp(min=1)

"""Region normalisation (Yu et al. 2020, "Region Normalization for Image Inpainting", sec. 3).

The hole and the known pixels of a feature map have statistics of their own, so each region is normalised by
itself. The published formulation fills everything outside a region with the region's mean,
instance-normalises the filled map and scales by sqrt(area / (H*W)); the masked moments below are the same in
one pass: filling with the mean adds nothing to the variance, so ``var_filled = sum(r * (x - mean)^2) /
(H*W)``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

EPS = 1e-5


def normalise_region(x: Tensor, region: Tensor) -> Tensor:
    """Normalise ``x`` inside ``region``; zero outside.

    Args:
        x: (B,C,H,W) features.
        region: (B,1,H,W), exactly 0 or 1.

    Returns:
        (B,C,H,W); all zero for a picture whose region is empty.
    """
    pixels = x.shape[2] * x.shape[3]
    area = region.sum(dim=(2, 3), keepdim=True)
    mean = (x * region).sum(dim=(2, 3), keepdim=True) / area.clamp(min=1.0)
    centred = (x - mean) * region
    variance = centred.square().sum(dim=(2, 3), keepdim=True) / pixels
    return centred * torch.rsqrt(variance + EPS) * torch.sqrt(area.clamp(min=1.0) / pixels)


class HoleRegionNorm(nn.Module):
    """Basic region normalisation (RN-B): the hole and its complement, normalised and scaled apart.

    Both shifts are added at every pixel: a trait of the published code that its checkpoints depend on.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.foreground_gamma = nn.Parameter(torch.zeros(channels))
        self.foreground_beta = nn.Parameter(torch.zeros(channels))
        self.background_gamma = nn.Parameter(torch.zeros(channels))
        self.background_beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, hole: Tensor) -> Tensor:
        """(B,C,H,W) features and (B,1,h,w) hole, resized by nearest neighbour => (B,C,H,W)."""
        region = nn.functional.interpolate(hole, size=x.shape[2:], mode="nearest")
        # Moments over a whole map lose too many digits in bfloat16.
        x = x.float()
        inside = normalise_region(x, region) * (1 + self.foreground_gamma[:, None, None])
        outside = normalise_region(x, 1 - region) * (1 + self.background_gamma[:, None, None])
        return inside + outside + (self.foreground_beta + self.background_beta)[:, None, None]

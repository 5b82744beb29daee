"""Region normalisation (Yu et al. 2020, "Region Normalization for Image Inpainting", sec. 3).

The hole and the known pixels of a feature map have statistics of their own, so each region is normalised by
itself: the hole as it is given (RN-B, in the encoder) or a region that the layer finds (RN-L, in the decoder).

The published formulation fills everything outside a region with the region's mean, instance-normalises the
filled map, scales it by sqrt(area / (H*W)), and adds what both regions give. The masked moments below are the
same without filled copies: the fill adds nothing to the variance,
``var_filled = sum(r * (x - mean)^2) / (H*W)``, and normalises to zero outside the region.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from splpaint.networks.layers import at_least_float32

EPS = 1e-5


def normalise_regions(
    x: Tensor, region: Tensor, *, inside_scale: Tensor | float = 1.0, outside_scale: Tensor | float = 1.0
) -> Tensor:
    """Normalise ``x`` inside ``region`` and outside of it, each by its own moments.

    Args:
        x: (B,C,H,W) features.
        region: (B,1,H,W), exactly 0 or 1.
        inside_scale: Factor on what lies inside, a number or broadcastable to (B,C,1,1).
        outside_scale: The same outside.

    Returns:
        (B,C,H,W). A region of one pixel, or of equal ones, gives zero.
    """
    x = at_least_float32(x)  # moments over a whole map lose too many digits in bfloat16
    # Any shift cancels; this one keeps the rounding of an even map from being blown up by its tiny variance.
    x = x - x[:, :, :1, :1].detach()
    mean, gain = x.new_zeros(()), x.new_zeros(())
    sides = ((region, inside_scale), (1 - region, outside_scale))
    areas = [side.sum(dim=(2, 3), keepdim=True).clamp(min=1.0) for side, _ in sides]
    for (side, _), area in zip(sides, areas, strict=True):
        mean = mean + side * ((x * side).sum(dim=(2, 3), keepdim=True) / area)
    centred = x - mean
    squares = centred.square()
    pixels = x.shape[2] * x.shape[3]
    for (side, scale), area in zip(sides, areas, strict=True):
        variance = (squares * side).sum(dim=(2, 3), keepdim=True) / pixels
        gain = gain + side * (torch.rsqrt(variance + EPS) * torch.sqrt(area / pixels) * scale)
    return centred * gain


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
        normalised = normalise_regions(
            x,
            region,
            inside_scale=1 + self.foreground_gamma[:, None, None],
            outside_scale=1 + self.background_gamma[:, None, None],
        )
        return normalised + (self.foreground_beta + self.background_beta)[:, None, None]


class LearnableRegionNorm(nn.Module):
    """Learnable region normalisation (RN-L) over the region where a map made of the features is at least 0.8."""

    threshold = 0.8

    def __init__(self) -> None:
        super().__init__()
        self.importance = nn.Conv2d(2, 1, 7, padding=3, bias=False)
        self.gamma = nn.Conv2d(1, 1, 7, padding=3)
        self.beta = nn.Conv2d(1, 1, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) => (B,C,H,W)."""
        pooled = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)
        importance = torch.sigmoid(at_least_float32(self.importance(pooled)))
        region = (importance.detach() >= self.threshold).to(importance.dtype)
        return normalise_regions(x, region) * (1 + self.gamma(importance)) + self.beta(importance)

"""Spatially adaptive normalisation by the layout, and the context-aware block built of it.

SPADE is Park et al. 2019 ("Semantic Image Synthesis with Spatially-Adaptive Normalization", sec. 3); the
block is SPL's (Zhang et al. 2021, sec. 3.3). The published size sees the layout through conv3 to 128 channels
and two conv3; ``compact`` through one 1x1 convolution.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn


class SPADE(nn.Module):
    """Instance norm whose scale and shift are read, pixel by pixel, from the layout.

    Args:
        channels: Channels of the normalised features.
        layout_channels: Channels of the layout, which has the features' height and width.
    """

    def __init__(self, channels: int, layout_channels: int) -> None:
        super().__init__()
        self.modulation = nn.Conv2d(layout_channels, 2 * channels, 1)

    def forward(self, x: Tensor, layout: Tensor) -> Tensor:
        """(B,C,H,W), (B,L,H,W) => (B,C,H,W)."""
        gamma, beta = self.modulation(layout).chunk(2, dim=1)
        return nn.functional.instance_norm(x.float()) * (1 + gamma) + beta


class ContextAwareBlock(nn.Module):
    """SPADE, ReLU, conv3 (dilated); SPADE, ReLU, conv3; plus the input.

    Args:
        channels: Channels in and out.
        layout_channels: Channels of the layout.
        dilation: Dilation of the first convolution.
        padding_mode: "reflect" as in the published network, or "zeros".
    """

    def __init__(
        self,
        channels: int,
        layout_channels: int,
        *,
        dilation: int,
        padding_mode: Literal["zeros", "reflect"] = "reflect",
    ) -> None:
        super().__init__()
        self.spade1 = SPADE(channels, layout_channels)
        self.conv1 = nn.Conv2d(
            channels, channels, 3, padding=dilation, dilation=dilation, padding_mode=padding_mode
        )
        self.spade2 = SPADE(channels, layout_channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, padding_mode=padding_mode)

    def forward(self, x: Tensor, layout: Tensor) -> Tensor:
        """(B,C,H,W), (B,L,H,W) => (B,C,H,W)."""
        y = self.conv1(torch.relu(self.spade1(x, layout)))
        y = self.conv2(torch.relu(self.spade2(y, layout)))
        return x + y

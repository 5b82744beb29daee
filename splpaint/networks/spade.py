"""Spatially adaptive normalisation by the layout, and the context-aware block built of it.

SPADE is Park et al. 2019 ("Semantic Image Synthesis with Spatially-Adaptive Normalization", sec. 3); the
block is SPL's (Zhang et al. 2021, sec. 3.3). The published size reads scale and shift from the layout through
two convolutions, ``compact`` through one of 1x1.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from splpaint.networks.layers import at_least_float32


class SPADE(nn.Module):
    """Instance norm whose scale and shift are read, pixel by pixel, from the layout.

    Args:
        channels: Channels of the normalised features.
        layout_channels: Channels of the layout.
        hidden_channels: conv3 to this many channels, ReLU and conv3 read the layout; None: one 1x1 convolution.
    """

    def __init__(self, channels: int, layout_channels: int, *, hidden_channels: int | None = None) -> None:
        super().__init__()
        self.modulation: nn.Module
        if hidden_channels is None:
            self.modulation = nn.Conv2d(layout_channels, 2 * channels, 1)
        else:
            self.modulation = nn.Sequential(
                nn.Conv2d(layout_channels, hidden_channels, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(hidden_channels, 2 * channels, 3, padding=1),  # scale and shift at once
            )

    def forward(self, x: Tensor, layout: Tensor) -> Tensor:
        """(B,C,H,W) features, (B,L,H,W) layout => (B,C,H,W)."""
        gamma, beta = self.modulation(layout).chunk(2, dim=1)
        return nn.functional.instance_norm(at_least_float32(x)) * (1 + gamma) + beta


class ContextAwareBlock(nn.Module):
    """SPADE, ReLU, conv3 (dilated); SPADE, ReLU, conv3; plus the input.

    Args:
        channels: Channels in and out.
        layout_channels: Channels of the layout.
        dilation: Dilation of the first convolution.
        spade_channels: Hidden channels of both SPADEs.
        padding_mode: "reflect" as in the published network, or "zeros".
    """

    def __init__(
        self,
        channels: int,
        layout_channels: int,
        *,
        dilation: int,
        spade_channels: int | None = None,
        padding_mode: Literal["zeros", "reflect"] = "reflect",
    ) -> None:
        super().__init__()
        self.spade1 = SPADE(channels, layout_channels, hidden_channels=spade_channels)
        self.conv1 = nn.Conv2d(
            channels, channels, 3, padding=dilation, dilation=dilation, padding_mode=padding_mode
        )
        self.spade2 = SPADE(channels, layout_channels, hidden_channels=spade_channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, padding_mode=padding_mode)

    def forward(self, x: Tensor, layout: Tensor) -> Tensor:
        """(B,C,H,W), (B,L,H,W) => (B,C,H,W)."""
        y = self.conv1(torch.relu(self.spade1(x, layout)))
        y = self.conv2(torch.relu(self.spade2(y, layout)))
        return x + y

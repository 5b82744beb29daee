"""The semantic learner (SPL, sec. 3.2): from the damaged picture and its hole to the layout and the prior.

It is trained to predict, from a damaged picture, the feature map that the pretext network gives for the
undamaged one. Differs from the paper's in ``compact``: it looks at the picture at strides 4 to 16 instead of
enlarging it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from splpaint.networks.layers import ResidualBlock, UpsampleMerge


class SemanticPrior(NamedTuple):
    """What the semantic learner knows of a picture.

    Attributes:
        layout: (B,L,h,w), modulates every context-aware block.
        prior: (B,P,h,w), the predicted pretext feature.
    """

    layout: Tensor
    prior: Tensor


class CompactSemanticLearner(nn.Module):
    """Semantic learner of ``compact``: depth at stride 16, layout and prior at stride 8.

    Args:
        channels: Channels at strides 4, 8 and 16.
        dilations: One residual block at stride 16 per entry.
        layout_channels: Channels of the layout.
        prior_channels: Channels of the predicted pretext feature.
    """

    def __init__(
        self,
        channels: tuple[int, int, int],
        dilations: tuple[int, ...],
        *,
        layout_channels: int,
        prior_channels: int,
    ) -> None:
        super().__init__()
        stride4, stride8, stride16 = channels
        self.to_stride4 = nn.Conv2d(4, stride4, 7, stride=4, padding=3)
        self.to_stride8 = nn.Conv2d(stride4, stride8, 4, stride=2, padding=1)
        self.to_stride16 = nn.Conv2d(stride8, stride16, 4, stride=2, padding=1)
        self.trunk = nn.Sequential(
            *(ResidualBlock(stride16, dilation=d, padding_mode="zeros") for d in dilations)
        )
        self.to_layout = UpsampleMerge(stride16, stride8, layout_channels)
        self.to_prior = nn.Conv2d(layout_channels, prior_channels, 1)

    def forward(self, filled: Tensor, hole: Tensor) -> SemanticPrior:
        """(B,3,H,W) picture with a first fill, (B,1,H,W) hole => layout and prior at H/8, W/8."""
        x = torch.relu(self.to_stride4(torch.cat([filled, hole], dim=1)))
        skip = torch.relu(self.to_stride8(x))
        x = torch.relu(self.to_stride16(skip))
        layout = self.to_layout(self.trunk(x), skip)
        return SemanticPrior(layout, self.to_prior(layout))

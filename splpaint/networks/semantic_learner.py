"""The semantic learner (SPL, sec. 3.2): from the damaged image and its hole to the layout and the prior.

It is trained to predict, from a damaged image, the feature map that the pretext network gives for the
undamaged one. ``CompactSemanticLearner`` looks at the image at strides 4 to 16 instead of enlarging it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from splpaint.networks.layers import ResidualBlock, ResidualDenseTrunk, UpsampleMerge


class SemanticPrior(NamedTuple):
    """What the semantic learner knows of an image.

    Attributes:
        layout: (B,L,h,w), modulates every context-aware block.
        prior: (B,P,h,w), the predicted pretext feature.
    """

    layout: Tensor
    prior: Tensor


class SemanticLearner(nn.Module):
    """The published semantic learner: layout and prior at stride 4, from the image at twice its size.

    Args:
        channels: Channels of the encoder's four stages; the last is the trunk's and the layout's.
        trunk: Keeps channels, height and width.
        recover_blocks: Residual blocks between trunk and layout.
        prior_channels: Channels of the predicted pretext feature.
    """

    def __init__(
        self,
        channels: tuple[int, int, int, int],
        trunk: ResidualDenseTrunk,
        *,
        recover_blocks: int,
        prior_channels: int,
    ) -> None:
        super().__init__()
        width = channels[-1]
        self.encoder = nn.ModuleList(
            [
                nn.Conv2d(4, channels[0], 7, padding=3, padding_mode="reflect"),
                *(nn.Conv2d(channels[i], channels[i + 1], 4, stride=2, padding=1) for i in range(3)),
            ]
        )
        self.trunk = trunk
        self.to_layout = nn.Sequential(*(ResidualBlock(width) for _ in range(recover_blocks)))
        self.to_prior = nn.Conv2d(width, prior_channels, 1)

    def forward(self, filled: Tensor, hole: Tensor) -> SemanticPrior:
        """(B,3,H,W) image with its hole filled, (B,1,H,W) hole => layout and prior at H/4, W/4."""
        x = F.interpolate(torch.cat([filled, hole], dim=1), scale_factor=2.0, mode="nearest")
        for conv in self.encoder:
            x = F.leaky_relu(conv(x), 0.1)
        layout = self.to_layout(self.trunk(x))
        return SemanticPrior(layout, self.to_prior(layout))


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
        """(B,3,H,W) image with its hole filled, (B,1,H,W) hole => layout and prior at H/8, W/8."""
        x = torch.relu(self.to_stride4(torch.cat([filled, hole], dim=1)))
        skip = torch.relu(self.to_stride8(x))
        x = torch.relu(self.to_stride16(skip))
        layout = self.to_layout(self.trunk(x), skip)
        return SemanticPrior(layout, self.to_prior(layout))

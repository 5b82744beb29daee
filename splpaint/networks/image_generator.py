"""The image generator (SPL, sec. 3.3): paints the hole, each of its blocks modulated by the layout.

Differs from the paper's in ``compact``: the trunk works at stride 8, skip connections carry the known detail
past it, and the decoder adds to a smooth first fill, so nothing is spent on copying known pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from splpaint.networks.layers import UpsampleMerge, icnr_
from splpaint.networks.region_norm import HoleRegionNorm, LearnableRegionNorm
from splpaint.networks.spade import ContextAwareBlock


class ImageGenerator(nn.Module):
    """The published image generator: encoder with RN-B, context-aware blocks at stride 4, decoder with RN-L.

    Args:
        channels: Channels at strides 1, 2 and 4; the last is the trunk's.
        trunk_dilations: One context-aware block per entry.
        layout_channels: Channels of the layout, at stride 4.
        spade_channels: Hidden channels of the blocks' SPADEs.
    """

    def __init__(
        self,
        channels: tuple[int, int, int],
        trunk_dilations: tuple[int, ...],
        *,
        layout_channels: int,
        spade_channels: int,
    ) -> None:
        super().__init__()
        stride1, stride2, stride4 = channels
        self.encoder = nn.ModuleList(
            [
                nn.Conv2d(3, stride1, 7, padding=3, padding_mode="reflect"),
                nn.Conv2d(stride1, stride2, 4, stride=2, padding=1),
                nn.Conv2d(stride2, stride4, 4, stride=2, padding=1),
            ]
        )
        self.encoder_norms = nn.ModuleList(HoleRegionNorm(width) for width in channels)
        self.trunk = nn.ModuleList(
            ContextAwareBlock(stride4, layout_channels, dilation=d, spade_channels=spade_channels)
            for d in trunk_dilations
        )
        self.decoder = nn.ModuleList(
            [
                nn.Conv2d(stride4, 4 * stride2, 3, padding=1),
                nn.Conv2d(stride2, 4 * stride1, 3, padding=1),
            ]
        )
        self.decoder_norms = nn.ModuleList(LearnableRegionNorm() for _ in self.decoder)
        self.to_image: nn.Module = nn.Conv2d(stride1, 3, 7, padding=3, padding_mode="reflect")

    def forward(self, filled: Tensor, hole: Tensor, layout: Tensor) -> Tensor:
        """(B,3,H,W) image with its hole filled, (B,1,H,W), (B,L,H/4,W/4) => (B,3,H,W) painted in [0,1]."""
        x = filled
        for conv, norm in zip(self.encoder, self.encoder_norms, strict=True):
            x = torch.relu(norm(conv(x), hole))
        for block in self.trunk:
            x = block(x, layout)
        for conv, norm in zip(self.decoder, self.decoder_norms, strict=True):
            x = torch.relu(norm(F.pixel_shuffle(conv(x), 2)))
        return (torch.tanh(self.to_image(x)) + 1) / 2


class CompactImageGenerator(nn.Module):
    """Image generator of ``compact``.

    Args:
        stem_channels: Channels at strides 2, 4 and 8.
        trunk_dilations: One context-aware block at stride 8 per entry.
        layout_channels: Channels of the layout, at stride 8.
        detail_channels: Channels of the decoder at full resolution.
    """

    def __init__(
        self,
        stem_channels: tuple[int, int, int],
        trunk_dilations: tuple[int, ...],
        *,
        layout_channels: int,
        detail_channels: int,
    ) -> None:
        super().__init__()
        stride2, stride4, stride8 = stem_channels
        self.to_stride2 = nn.Conv2d(4, stride2, 5, stride=2, padding=2)
        self.to_stride4 = nn.Conv2d(stride2, stride4, 4, stride=2, padding=1)
        self.to_stride8 = nn.Conv2d(stride4, stride8, 4, stride=2, padding=1)
        self.region_norm = HoleRegionNorm(stride8)
        self.trunk = nn.ModuleList(
            ContextAwareBlock(stride8, layout_channels, dilation=d, padding_mode="zeros")
            for d in trunk_dilations
        )
        self.up_to_stride4 = UpsampleMerge(stride8, stride4, stride4)
        self.up_to_stride2 = UpsampleMerge(stride4, stride2, stride2)
        self.to_detail = nn.Conv2d(stride2, 4 * detail_channels, 3, padding=1)
        icnr_(self.to_detail.weight)
        self.to_correction = nn.Conv2d(detail_channels, 3, 3, padding=1)
        nn.init.zeros_(self.to_correction.weight)
        nn.init.zeros_(self.to_correction.bias)  # type: ignore[arg-type]

    def forward(self, filled: Tensor, hole: Tensor, layout: Tensor) -> Tensor:
        """(B,3,H,W) image with a first fill, (B,1,H,W) hole, (B,L,H/8,W/8) layout => (B,3,H,W) painted."""
        at2 = torch.relu(self.to_stride2(torch.cat([filled, hole], dim=1)))
        at4 = torch.relu(self.to_stride4(at2))
        x = torch.relu(self.region_norm(self.to_stride8(at4), hole))
        for block in self.trunk:
            x = block(x, layout)
        x = self.up_to_stride2(self.up_to_stride4(x, at4), at2)
        x = torch.relu(F.pixel_shuffle(self.to_detail(x), 2))
        return filled + self.to_correction(x)

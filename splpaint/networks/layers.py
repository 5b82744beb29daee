"""Convolutional blocks that know nothing of inpainting."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """conv3, ReLU, conv3, plus the input.

    Args:
        channels: Channels in and out.
        dilation: Dilation of the first convolution.
        padding_mode: "reflect" as in the published networks, or "zeros".
    """

    def __init__(
        self, channels: int, *, dilation: int = 1, padding_mode: Literal["zeros", "reflect"] = "reflect"
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            channels, channels, 3, padding=dilation, dilation=dilation, padding_mode=padding_mode
        )
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, padding_mode=padding_mode)

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) => (B,C,H,W)."""
        y = torch.relu(self.conv1(x))
        return x + self.conv2(y)


class ResidualDenseBlock(nn.Module):
    """Dense layers that each see all before them, joined by a 1x1 convolution, plus the input.

    Zhang et al. 2018, "Residual Dense Network for Image Super-Resolution", sec. 3.2.

    Args:
        channels: Channels in and out.
        growth: Channels that each dense layer adds.
        depth: Dense layers.
    """

    def __init__(self, channels: int, *, growth: int, depth: int) -> None:
        super().__init__()
        self.dense = nn.ModuleList(
            nn.Conv2d(channels + i * growth, growth, 3, padding=1) for i in range(depth)
        )
        self.fuse = nn.Conv2d(channels + depth * growth, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) => (B,C,H,W)."""
        y = x
        for layer in self.dense:
            y = torch.cat([y, torch.relu(layer(y))], dim=1)
        return x + self.fuse(y)


class ResidualDenseTrunk(nn.Module):
    """A chain of residual dense blocks whose outputs are all fused, plus the input.

    Args:
        channels: Channels in and out.
        blocks: Residual dense blocks.
        growth: Their growth.
        depth: Their dense layers.
    """

    def __init__(self, channels: int, *, blocks: int, growth: int, depth: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(channels, channels, 3, padding=1)
        self.blocks = nn.ModuleList(
            ResidualDenseBlock(channels, growth=growth, depth=depth) for _ in range(blocks)
        )
        self.fuse = nn.Conv2d(blocks * channels, channels, 1)
        self.leave = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) => (B,C,H,W)."""
        y = self.enter(x)
        outputs = []
        for block in self.blocks:
            y = block(y)
            outputs.append(y)
        return x + self.leave(self.fuse(torch.cat(outputs, dim=1)))


class UpsampleMerge(nn.Module):
    """conv3, twice the size by nearest neighbour, then joined with a skip connection by another conv3.

    Resize-convolution has no checkerboard (Odena et al. 2016, "Deconvolution and Checkerboard Artifacts").
    """

    def __init__(self, channels: int, skip_channels: int, out_channels: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.merge = nn.Conv2d(out_channels + skip_channels, out_channels, 3, padding=1)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(B,C,H,W), (B,S,2H,2W) => (B,out,2H,2W)."""
        x = torch.relu(self.reduce(x))
        x = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
        return torch.relu(self.merge(torch.cat([x, skip], dim=1)))


def at_least_float32(x: Tensor) -> Tensor:
    """Half precision => float32, for sums over whole maps and for losses; other types as they are."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def icnr_(weight: Tensor, factor: int = 2) -> None:
    """Initialise a convolution before a pixel shuffle so that it starts as nearest-neighbour upsampling.

    ICNR, Aitken et al. 2017 (arXiv 1707.02937): the factor**2 filters of one output channel start equal, so
    no grid is built in.

    Args:
        weight: (C * factor**2, in, k, k), changed in place.
        factor: The pixel shuffle's factor.
    """
    with torch.no_grad():
        first = weight[:: factor * factor].clone()
        weight.copy_(first.repeat_interleave(factor * factor, dim=0))

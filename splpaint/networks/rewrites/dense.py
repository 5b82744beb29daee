"""Dense blocks whose joined inputs are sums of convolutions.

    conv(cat(x, d)) = conv_x(x) + conv_d(d)

``ResidualDenseBlock`` joins its input, which is wide, with every layer's output, which is narrow, again before each
next layer: six copies of the input a block. Summed, only the narrow ones are joined, and a runtime adds while it
convolves. The trunk sums what its 1x1 convolution would be given joined, in the same way.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from splpaint.networks.layers import ResidualDenseBlock, ResidualDenseTrunk
from splpaint.networks.rewrites.convolution import conv_of

__all__ = ["SummedDenseBlock", "SummedTrunk"]


class SummedDenseBlock(nn.Module):
    """A ``ResidualDenseBlock``'s result."""

    def __init__(self, block: ResidualDenseBlock) -> None:
        super().__init__()
        width = block.fuse.out_channels
        layers = [layer for layer in block.dense if isinstance(layer, nn.Conv2d)]
        self.of_input = nn.ModuleList(
            conv_of(layer.weight[:, :width], layer.bias, padding=1) for layer in layers
        )
        self.of_dense = nn.ModuleList(
            conv_of(layer.weight[:, width:], None, padding=1) for layer in layers[1:]
        )
        self.fuse_input = conv_of(block.fuse.weight[:, :width], block.fuse.bias)
        self.fuse_dense = conv_of(block.fuse.weight[:, width:], None)

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) => (B,C,H,W)."""
        first, *later = self.of_input
        dense = torch.relu(first(x))
        for of_input, of_dense in zip(later, self.of_dense, strict=True):
            dense = torch.cat([dense, torch.relu(of_dense(dense) + of_input(x))], dim=1)
        return self.fuse_dense(dense) + (self.fuse_input(x) + x)


class SummedTrunk(nn.Module):
    """A ``ResidualDenseTrunk``'s result."""

    def __init__(self, trunk: ResidualDenseTrunk) -> None:
        super().__init__()
        self.enter, self.blocks, self.leave = trunk.enter, trunk.blocks, trunk.leave
        weights = trunk.fuse.weight.chunk(len(trunk.blocks), dim=1)
        biases = [trunk.fuse.bias, *[None] * (len(weights) - 1)]
        self.fuse = nn.ModuleList(map(conv_of, weights, biases))

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) => (B,C,H,W)."""
        y, fused = self.enter(x), None
        for block, fuse in zip(self.blocks, self.fuse, strict=True):
            y = block(y)
            fused = fuse(y) if fused is None else fuse(y) + fused
        return x + self.leave(fused)

"""SPADE with a convolution each for scale and shift.

    norm(x) * (1 + gamma(layout)) + beta(layout)

``SPADE`` reads scale and shift by one convolution and halves its output: a copy of both halves. Two convolutions need
none, the 1 is in the bias of the first, and a runtime adds the product while it computes the second.
"""

from __future__ import annotations

from torch import Tensor, nn

from splpaint.networks.rewrites.convolution import conv_of
from splpaint.networks.spade import SPADE

__all__ = ["SplitSPADE"]


class SplitSPADE(nn.Module):
    """A ``SPADE``'s result, in evaluation."""

    def __init__(self, spade: SPADE) -> None:
        super().__init__()
        *first, last = spade.modulation if isinstance(spade.modulation, nn.Sequential) else [spade.modulation]
        assert isinstance(last, nn.Conv2d)
        assert last.bias is not None
        padding = last.kernel_size[0] // 2
        scale, shift = last.weight.chunk(2)
        scale_bias, shift_bias = last.bias.chunk(2)
        self.read = nn.Sequential(*first)
        self.scale = conv_of(scale, 1 + scale_bias, padding=padding)
        self.shift = conv_of(shift, shift_bias, padding=padding)

    def forward(self, x: Tensor, layout: Tensor) -> Tensor:
        """(B,C,H,W) features, (B,L,H,W) layout => (B,C,H,W)."""
        hidden = self.read(layout)
        return self.shift(hidden) + nn.functional.instance_norm(x) * self.scale(hidden)

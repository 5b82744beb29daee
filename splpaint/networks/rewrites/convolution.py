"""A convolution with given weights."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["conv_of"]


def conv_of(weight: Tensor, bias: Tensor | None, *, padding: int = 0, stride: int = 1) -> nn.Conv2d:
    """(out,in,k,k) weights and (out,) bias => a convolution that holds copies of them."""
    outputs, inputs, size, _ = weight.shape
    conv = nn.Conv2d(inputs, outputs, size, stride=stride, padding=padding, bias=bias is not None)
    conv.weight = nn.Parameter(weight.clone(), requires_grad=False)
    if bias is not None:
        conv.bias = nn.Parameter(bias.clone(), requires_grad=False)
    return conv

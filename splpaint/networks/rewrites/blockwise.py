"""A convolution to a few channels that computes two by two pixels at once.

Processors compute 16 channels or more together; for an image's 3 most of that is thrown away. Shifted by no and by one
pixel in either direction the kernel is four kernels of one larger size: a convolution of stride 2 with four times the
channels, whose output, shuffled, is the same.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from splpaint.networks.image_generator import ImageGenerator
from splpaint.networks.rewrites.convolution import conv_of

__all__ = ["BlockwiseConv", "blockwise_output"]


def blockwise_output(generator: ImageGenerator) -> ImageGenerator:
    """The same generator, which then computes its image two by two pixels at once."""
    assert isinstance(generator.to_image, nn.Conv2d)
    generator.to_image = BlockwiseConv(generator.to_image)
    return generator


class BlockwiseConv(nn.Module):
    """A convolution's result, for even heights and widths; its padding reflects.

    Args:
        conv: Of stride 1 and an odd size.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        outputs, inputs, size, _ = conv.weight.shape
        weight = conv.weight.new_zeros(outputs, 2, 2, inputs, size + 1, size + 1)
        for down in (0, 1):
            for right in (0, 1):
                weight[:, down, right, :, down : down + size, right : right + size] = conv.weight
        assert conv.bias is not None
        self.margin = size // 2
        self.conv = conv_of(weight.flatten(0, 2), conv.bias.repeat_interleave(4), stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) => (B,out,H,W)."""
        padded = F.pad(x, (self.margin,) * 4, mode="reflect")
        return F.pixel_shuffle(self.conv(padded), 2)

"""The patch discriminator (SPL, sec. 3.4): scores overlapping patches of an image as real or painted.

Patches: Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks", sec. 3.2.2.
Spectral normalisation: Miyato et al. 2018 ("Spectral Normalization for Generative Adversarial Networks", alg. 1),
left vector last as in the published code; PyTorch's parametrisation goes the other way round and so takes
another course through training.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from splpaint.networks.layers import at_least_float32

_STRIDES = (2, 2, 2, 1, 1)


class PatchDiscriminator(nn.Module):
    """Five spectrally normalised conv4 without bias, LeakyReLU 0.2 between them, sigmoid at the end.

    Args:
        channels: Outputs of the first four convolutions; the last has one, the score.
    """

    def __init__(self, channels: tuple[int, int, int, int] = (64, 128, 256, 512)) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            SpectralConv2d(before, after, stride=stride)
            for before, after, stride in zip((3, *channels), (*channels, 1), _STRIDES, strict=True)
        )

    def forward(self, image: Tensor) -> Tensor:
        """(B,3,H,W) in [0,1] => (B,1,h,w) in [0,1], 1 = real; h, w about H/8 - 2, W/8 - 2."""
        x = image
        for conv in self.convs[:-1]:
            x = F.leaky_relu(conv(x), 0.2)
        return torch.sigmoid(at_least_float32(self.convs[-1](x)))


class SpectralConv2d(nn.Module):
    """conv4, padding 1, no bias, its weight divided by an estimate of its largest singular value.

    The estimate improves by one power iteration at each forward pass in training mode.
    """

    left: Tensor
    right: Tensor

    def __init__(self, in_channels: int, out_channels: int, *, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.weight = nn.Parameter(nn.Conv2d(in_channels, out_channels, 4, bias=False).weight.detach())
        rows, columns = self.weight.flatten(1).shape
        self.register_buffer("left", F.normalize(torch.randn(rows), dim=0))
        self.register_buffer("right", F.normalize(torch.randn(columns), dim=0))

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) => (B,out,h,w)."""
        matrix = self.weight.flatten(1)
        # In bf16 the estimate of the norm would jump from step to step.
        with torch.autocast(x.device.type, enabled=False):
            if self.training:
                self._iterate(matrix.detach())
            # Clones: the vectors may iterate again before this pass is differentiated.
            norm = torch.dot(self.left.clone(), matrix @ self.right.clone())
        return F.conv2d(x, self.weight / norm, stride=self.stride, padding=1)

    @torch.no_grad()
    def _iterate(self, matrix: Tensor) -> None:
        self.right.copy_(F.normalize(matrix.T @ self.left, dim=0, eps=1e-12))
        self.left.copy_(F.normalize(matrix @ self.right, dim=0, eps=1e-12))

from __future__ import annotations

import torch
from torch import nn

from splpaint.networks.layers import icnr_


def test_icnr_starts_as_nearest_neighbour() -> None:
    conv = nn.Conv2d(4, 12, 3, padding=1, bias=False)
    icnr_(conv.weight)
    shuffled = nn.functional.pixel_shuffle(conv(torch.rand(1, 4, 8, 8)), 2)
    blocks = shuffled.unfold(2, 2, 2).unfold(3, 2, 2)
    assert torch.equal(blocks, blocks[..., :1, :1].expand_as(blocks))

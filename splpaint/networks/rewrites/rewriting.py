"""Puts the rewritten layers into a copy of a network."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from torch import nn

from splpaint.networks.image_generator import ImageGenerator
from splpaint.networks.layers import ResidualDenseBlock, ResidualDenseTrunk
from splpaint.networks.rewrites.blockwise import blockwise_output
from splpaint.networks.rewrites.dense import SummedDenseBlock, SummedTrunk
from splpaint.networks.rewrites.modulation import SplitSPADE
from splpaint.networks.spade import SPADE

__all__ = ["REWRITES", "rewritten"]

REWRITES: dict[type[nn.Module], Callable[[Any], nn.Module]] = {
    ImageGenerator: blockwise_output,
    SPADE: SplitSPADE,
    ResidualDenseBlock: SummedDenseBlock,
    ResidualDenseTrunk: SummedTrunk,
}


def rewritten(generator: nn.Module) -> nn.Module:
    """A network of its own that computes what ``generator`` does, for running it alone."""
    network = copy.deepcopy(generator).eval().requires_grad_(False)
    _rewrite_children(network)
    return network


def _rewrite_children(module: nn.Module) -> None:
    for name, child in list(module.named_children()):
        _rewrite_children(child)
        if rewrite := REWRITES.get(type(child)):
            setattr(module, name, rewrite(child))

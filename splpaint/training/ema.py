"""Exponential moving average of the weights: what is validated and released."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class EMA:
    """A second copy of a network that follows the first.

    Args:
        network: Followed network; has no buffers that training changes.
        decay: Share of the old average that a step keeps; the first steps keep less (``update``).
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards ``network``; faster in the first steps, to forget the initial weights."""
        decay = min(self.decay, (1 + step) / (10 + step))
        averages: list[Tensor] = list(self.network.parameters())
        weights: list[Tensor] = list(network.parameters())
        torch._foreach_lerp_(averages, weights, 1 - decay)

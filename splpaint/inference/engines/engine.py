"""Engines run a network: float32 arrays in, float32 arrays out."""

from __future__ import annotations

from typing import Protocol

from splpaint.images import Planes
from splpaint.precision import Precision

__all__ = ["Engine"]


class Engine(Protocol):
    """Anything that runs a network."""

    @property
    def name(self) -> str:
        """What runs the network, and where, such as ``OpenVINO CPU``."""

    @property
    def precision(self) -> Precision:
        """What it computes in."""

    def __call__(self, planes: Planes, hole: Planes) -> Planes:
        """Paint.

        Args:
            planes: float32 ``(B, 3, H, W)`` in [0, 1]; what lies inside the hole does not matter.
            hole: float32 ``(B, 1, H, W)``, exactly 0 or 1, 1 = missing.

        Returns:
            float32 ``(B, 3, H, W)`` in [0, 1].
        """

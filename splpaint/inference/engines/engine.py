"""Engines run a network: float32 arrays in, float32 arrays out."""

from __future__ import annotations

from typing import Literal, Protocol

from splpaint.images import Planes

__all__ = ["Engine", "Precision"]

Precision = Literal["auto", "fp32", "bf16"]


class Engine(Protocol):
    """Anything that runs a network."""

    @property
    def name(self) -> str:
        """What runs the network, on what."""

    @property
    def precision(self) -> str:
        """``fp32`` or ``bf16``: what the arithmetic is really done in."""

    def __call__(self, planes: Planes, hole: Planes) -> Planes:
        """Paint.

        Args:
            planes: float32 ``(B, 3, H, W)`` in [0, 1]; what lies inside the hole does not matter.
            hole: float32 ``(B, 1, H, W)``, exactly 0 or 1, 1 = missing.

        Returns:
            float32 ``(B, 3, H, W)`` in [0, 1].
        """

"""Engines run a network: float32 arrays in, float32 arrays out."""

from __future__ import annotations

from typing import Literal, Protocol, get_args

from splpaint.errors import InputError
from splpaint.images import Planes

__all__ = ["Engine", "Precision", "require_precision"]

Precision = Literal["auto", "fp32", "bf16"]


class Engine(Protocol):
    """Anything that runs a network."""

    @property
    def name(self) -> str:
        """What runs the network, and where, such as ``OpenVINO CPU``."""

    @property
    def precision(self) -> str:
        """``fp32`` or ``bf16``: what it computes in."""

    def __call__(self, planes: Planes, hole: Planes) -> Planes:
        """Paint.

        Args:
            planes: float32 ``(B, 3, H, W)`` in [0, 1]; what lies inside the hole does not matter.
            hole: float32 ``(B, 1, H, W)``, exactly 0 or 1, 1 = missing.

        Returns:
            float32 ``(B, 3, H, W)`` in [0, 1].
        """


def require_precision(precision: str) -> None:
    """Refuse an unknown name of a precision with an ``InputError``."""
    if precision not in get_args(Precision):
        raise InputError(f"precision must be one of {', '.join(get_args(Precision))}, got {precision!r}")

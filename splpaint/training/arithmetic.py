"""Where and how a run computes: the device, the precision, and whether its networks are compiled."""

from __future__ import annotations

from typing import NamedTuple

import torch

from splpaint.cpu import multiplies_bf16
from splpaint.networks import can_compile
from splpaint.training.config import RunConfig, TrainingPrecision

__all__ = ["Arithmetic", "choose_arithmetic"]


class Arithmetic(NamedTuple):
    """What ``auto`` has come to on this machine."""

    device: str
    precision: TrainingPrecision
    compiled: bool

    def __str__(self) -> str:
        """Such as "cuda in bf16, compiled"."""
        return f"{self.device} in {self.precision}, {'compiled' if self.compiled else 'not compiled'}"


def choose_arithmetic(run: RunConfig) -> Arithmetic:
    """The configured device, precision and compilation; where they are ``auto``, the fastest that this machine has."""
    precision = _fastest_precision(run.device) if run.precision == "auto" else run.precision
    compiled = can_compile(run.device) if run.compile == "auto" else run.compile
    return Arithmetic(run.device, precision, compiled)


def _fastest_precision(device: str) -> TrainingPrecision:
    fast = torch.cuda.is_bf16_supported() if device.startswith("cuda") else multiplies_bf16()
    return "bf16" if fast else "fp32"

"""The memory of the training device: how much is free, and copies to it."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

__all__ = ["free_bytes", "to_device"]


def free_bytes(device: torch.device) -> int | None:
    """Free memory of a GPU, or available memory of this machine; None where the system does not say."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        rows = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("utf-8").splitlines())
        return 1024 * int(rows["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):
        return None


def to_device(tensor: Tensor, device: torch.device) -> Tensor:
    """Copy a tensor of the host to the device, without waiting for a GPU."""
    if device.type == "cuda":
        tensor = tensor.contiguous().pin_memory()
    return tensor.to(device, non_blocking=True)

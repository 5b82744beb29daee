"""The training device as a place: how much room there is, and how things get there."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

__all__ = ["free_bytes", "sent"]


def free_bytes(device: torch.device) -> int | None:
    """Free memory of a GPU, or available memory of this machine; None where nobody tells."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        rows = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("utf-8").splitlines())
        return 1024 * int(rows["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):
        return None


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """A tensor of the host on the device; a GPU is not waited for."""
    if device.type == "cuda":
        tensor = tensor.contiguous().pin_memory()
    return tensor.to(device, non_blocking=True)

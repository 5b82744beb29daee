"""Another painter, which a generator learns to paint like: any model of `splpaint paint`, ours or a foreign one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from splpaint.inference.engines import open_engine
from splpaint.inference.models import find_model

__all__ = ["load_teacher"]


def load_teacher(name_or_folder: Path, device: torch.device) -> Callable[[Tensor, Tensor], Tensor]:
    """Load a model: ours onto a GPU if there is one, otherwise onto the CPU.

    Args:
        name_or_folder: Name of a bundled or an added model, or a model folder.
        device: Where the run trains.

    Returns:
        (B,3,H,W) image and (B,1,H,W) hole, both square => (B,3,H,W) painted, without gradient. A network that does not
        take this size sees the pictures at its own.

    Raises:
        ModelError: No such model, or its files are missing or damaged.
    """
    files = find_model(str(name_or_folder))
    on_gpu = device.type != "cpu" and not files.foreign
    engine = open_engine(files, device=str(device) if on_gpu else "cpu", threads=torch.get_num_threads())
    contract = files.contract

    def paint(image: Tensor, hole: Tensor) -> Tensor:
        side = image.shape[-1]
        fits = side % contract.size_multiple == 0 and side <= contract.working_size_px
        seen_px = side if fits else contract.working_size_px
        images = _resized(image, seen_px).cpu().numpy()
        holes = F.interpolate(hole, seen_px, mode="nearest-exact").cpu().numpy()
        at_once = 1 if files.foreign else len(images)  # foreign networks may take no more
        painted = [
            engine(images[first : first + at_once], holes[first : first + at_once])
            for first in range(0, len(images), at_once)
        ]
        return _resized(torch.from_numpy(np.concatenate(painted)), side).to(image.device)

    return paint


def _resized(image: Tensor, side_px: int) -> Tensor:
    if image.shape[-1] == side_px:
        return image
    return F.interpolate(image, side_px, mode="bilinear", antialias=True)

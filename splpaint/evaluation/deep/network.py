"""A network that finds features of pictures, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from splpaint.images import Pixels

__all__ = ["FeatureNetwork"]


class FeatureNetwork(NamedTuple):
    """An open network.

    Attributes:
        dimensions: Number D of its features.
        forward: (1,3,H,W) in 0 ... 255 => (1,D).
    """

    dimensions: int
    forward: Callable[[Tensor], Tensor]

    def features(self, pixels: Pixels) -> NDArray[np.float32]:
        """uint8 (H,W,3) => (D,); from any thread."""
        with torch.inference_mode():
            levels = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float()
            found: NDArray[np.float32] = self.forward(levels)[0].numpy()
            return found

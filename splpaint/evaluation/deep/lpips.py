"""LPIPS: torchmetrics' network and linear layers, with a backbone's weights from a file."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import nn

# The public function builds another network for each pair, and fetches the backbone's weights.
from torchmetrics.functional.image.lpips import _NoTrainLpips

from splpaint.evaluation.deep.weights import FoundWeights
from splpaint.evaluation.measures import Sample
from splpaint.images import Pixels
from splpaint.parallel import PixelBudget

__all__ = ["open_lpips"]

_LEAST_SIDE_PX = 32
_MOST_PIXELS = 2_100_000  # Full HD; VGG16 takes 3 kB a pixel, 6 GB for these
_BACKBONES: dict[str, Literal["alex", "vgg"]] = {"alexnet": "alex", "vgg16": "vgg"}


def open_lpips(backbone: str, weights: FoundWeights) -> Callable[[Sample], float]:
    """Load a network.

    Args:
        backbone: ``alexnet`` or ``vgg16``.
        weights: torchvision's file of it.

    Returns:
        Sample => distance; NaN if a side of the picture has fewer than 32 pixels, which the network cannot take, or if
            it has more than 2.1 million pixels.

    Raises:
        ModelError: The file does not hold the backbone.
    """
    network = _NoTrainLpips(net=_BACKBONES[backbone], pnet_rand=True)
    _fill(network.net, weights)
    room = PixelBudget(_MOST_PIXELS)

    def measure(sample: Sample) -> float:
        pixels = sample.hole.size
        if min(sample.hole.shape) < _LEAST_SIDE_PX or pixels > _MOST_PIXELS:
            return math.nan
        with room.room_for(pixels), torch.inference_mode():
            return float(network(_signed(sample.painted), _signed(sample.truth)))

    return measure


def _fill(backbone: nn.Module, weights: FoundWeights) -> None:
    tensors = weights.read()
    try:
        # torchvision's features.N.weight is sliceK.N.weight here
        own = {name: tensors[f"features.{name.partition('.')[2]}"] for name in backbone.state_dict()}
        backbone.load_state_dict(own)
    except (KeyError, RuntimeError) as error:
        raise weights.misfit(error) from error


def _signed(pixels: Pixels) -> torch.Tensor:
    # uint8 (H,W,3) => float32 (1,3,H,W) in [-1,1]
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1

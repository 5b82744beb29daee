"""The Inception network of 2015, whose 2,048 pooled features FID, P-IDS and U-IDS compare (torch-fidelity's port)."""

from __future__ import annotations

import io
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

from splpaint.evaluation.deep.network import FeatureNetwork
from splpaint.evaluation.deep.weights import FoundWeights

__all__ = ["as_pytorch_fid", "as_tensorflow", "open_inception"]

_SIDE_PX = 299


def as_tensorflow(levels: Tensor) -> Tensor:
    """(1,3,H,W) in 0 ... 255 => (1,3,299,299), as the network was trained: resized as TensorFlow 1 does."""
    resized = interpolate_bilinear_2d_like_tensorflow1x(
        levels, size=(_SIDE_PX, _SIDE_PX), align_corners=False
    )
    return (resized - 128) / 128


def as_pytorch_fid(levels: Tensor) -> Tensor:
    """(1,3,H,W) in 0 ... 255 => (1,3,299,299), as pytorch-fid does."""
    resized = interpolate(levels / 255, size=(_SIDE_PX, _SIDE_PX), mode="bilinear", align_corners=False)
    return 2 * resized - 1


def open_inception(weights: FoundWeights, prepare: Callable[[Tensor], Tensor]) -> FeatureNetwork:
    """Load the network up to its pooled features.

    Args:
        weights: torch-fidelity's or pytorch-fid's file; they are the same.
        prepare: ``as_tensorflow`` or ``as_pytorch_fid``.

    Raises:
        ModelError: The file does not hold the network.
    """
    # The library runs whatever code the file that it is given holds: it gets one of the tensors alone.
    tensors = io.BytesIO()
    torch.save(weights.read(), tensors)
    tensors.seek(0)
    try:
        whole = FeatureExtractorInceptionV3("inception", ["2048"], tensors)
    except RuntimeError as error:
        raise weights.misfit(error) from error
    layers = [layer for name, layer in whole.named_children() if name != "fc"]  # in the order of forward
    trunk = nn.Sequential(*layers, nn.Flatten()).eval()
    return FeatureNetwork(2048, lambda levels: trunk(prepare(levels)))

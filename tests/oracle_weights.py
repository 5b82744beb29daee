"""The weights that the oracles were computed with, rebuilt from the authors' names."""

from __future__ import annotations

import json
import zlib
from math import prod, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from splpaint.networks.config import PretextConfig

ORACLES = Path(__file__).parent / "oracles"


def load_oracle(name: str) -> dict[str, Tensor]:
    """Arrays of an oracle as tensors; arrays of names are left out."""
    with np.load(ORACLES / f"{name}.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays.files if arrays[key].dtype.kind != "U"}


def published_shapes(name: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of an authors' state dict."""
    shapes: dict[str, list[int]] = json.loads((ORACLES / f"{name}.json").read_text("utf-8"))
    return {key: tuple(shape) for key, shape in shapes.items()}


def oracle_weight(key: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The float32 weights of one tensor."""
    rng = np.random.default_rng(zlib.crc32(key.encode()))
    values = rng.standard_normal(shape)
    values *= sqrt(1 / prod(shape[1:])) if len(shape) >= 2 else 0.1
    return values.astype(np.float32)


def generator_weights() -> dict[str, Tensor]:
    """State dict of the authors' generator."""
    return {
        k: torch.from_numpy(oracle_weight(k, s)) for k, s in published_shapes("spl_generator_keys").items()
    }


def discriminator_weights() -> dict[str, Tensor]:
    """State dict of the authors' discriminator; its vectors after thirty power iterations."""
    shapes = published_shapes("spl_discriminator_keys")
    weights = {key: torch.from_numpy(oracle_weight(key, shape)) for key, shape in shapes.items()}
    for layer in ("conv1", "conv2", "conv3", "conv4", "conv5"):
        matrix = weights[f"{layer}.0.weight_orig"].flatten(1)
        left = F.normalize(weights[f"{layer}.0.weight_u"], dim=0)
        for _ in range(30):
            right = F.normalize(matrix.T @ left, dim=0)
            left = F.normalize(matrix @ right, dim=0)
        weights[f"{layer}.0.weight_u"], weights[f"{layer}.0.weight_v"] = left, right
    for end in ("weight_orig", "weight_u", "weight_v"):
        weights[f"features.0.{end}"] = weights[f"conv1.0.{end}"]
    return weights


def published_checkpoint(*, parallel: bool = False) -> dict[str, Tensor]:
    """A whole checkpoint as the authors save it (without a pretext network)."""
    middle = "module." if parallel else ""
    checkpoint = {f"generator.{middle}{key}": value for key, value in generator_weights().items()}
    checkpoint |= {f"discriminator.{middle}{key}": value for key, value in discriminator_weights().items()}
    return checkpoint | {
        "adversarial_loss.real_label": torch.tensor(1.0),
        "adversarial_loss.fake_label": torch.tensor(0.0),
    }


def asl_weights() -> dict[str, Tensor]:
    """State dict of the pretext network, up to its stage."""
    weights = {}
    for key, shape in published_shapes("asl_tresnet_l_stage2_keys").items():
        values = oracle_weight(key, shape)
        if key.endswith("num_batches_tracked"):
            values = np.zeros(shape, np.int64)
        elif key.endswith("running_var"):
            values = np.abs(values) + np.float32(0.5)
        weights[key] = torch.from_numpy(values)
    return weights


def asl_checkpoint(path: Path, weights: dict[str, Tensor]) -> PretextConfig:
    """Save them as published."""
    # As published: class tables, later stages and the head of another task beside the weights.
    surplus = {
        "head.fc.embedding_generator.0.weight": torch.zeros(3),
        "body.layer4.0.conv1.0.weight": torch.zeros(2),
    }
    classes = {"num_classes": 9605, "idx_to_class": {0: "tree"}}
    torch.save({"model": weights | surplus, **classes}, path)
    return PretextConfig(weights=path)

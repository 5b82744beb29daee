"""What the tests of deep measures share: caches that are empty, no connections, and networks with random weights."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from splpaint.evaluation.deep import weights
from splpaint.images import Pixels

Publish = Callable[[str, dict[str, torch.Tensor], Path], Path]


@pytest.fixture(autouse=True)
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Torch's and Hugging Face's caches are empty, and whoever opens a connection fails."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    (tmp_path / "torch" / "hub" / "checkpoints").mkdir(parents=True)
    return tmp_path / "torch" / "hub" / "checkpoints"


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Writes weights to a folder under the name of those of a network, which are then taken for published."""

    def write(network: str, tensors: dict[str, torch.Tensor], folder: Path) -> Path:
        known = weights.PUBLISHED[network]
        path = folder / known.files[0]
        torch.save(tensors, path)
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        monkeypatch.setitem(weights.PUBLISHED, network, known._replace(sha256=checksum))
        return path

    return write


def spread(network: nn.Module) -> nn.Module:
    """Random weights that keep the size of features from layer to layer."""
    torch.manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return network.eval()


def noise(seed: int, height: int = 72, width: int = 64) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)

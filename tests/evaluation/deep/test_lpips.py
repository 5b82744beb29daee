from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torchmetrics
import torchvision
from torch import Tensor
from torchmetrics.functional.image import learned_perceptual_image_patch_similarity

from splpaint.errors import ModelError
from splpaint.evaluation.deep import open_deep
from splpaint.evaluation.deep.lpips import open_lpips
from splpaint.evaluation.deep.weights import find_published
from splpaint.evaluation.measures import Sample
from splpaint.images import Pixels
from tests.evaluation.deep.conftest import Publish, noise, spread

LAST_LAYERS = {"alexnet": (1, 4, 7, 9, 11), "vgg16": (3, 8, 15, 22, 29)}
LINEAR = Path(torchmetrics.__file__).parent / "functional" / "image" / "lpips_models"
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # of the published scaling layer


def sample(seed: int = 0) -> Sample:
    truth = noise(seed)
    hole = np.zeros(truth.shape[:2], bool)
    hole[20:50, 10:40] = True
    return Sample(np.where(hole[..., None], np.uint8(128), truth), truth, hole)


def signed(pixels: Pixels) -> Tensor:
    return torch.from_numpy(pixels).permute(2, 0, 1)[None] / 127.5 - 1


def rewritten(features: torch.nn.Module, last: tuple[int, ...], linear: Path, pair: Sample) -> float:
    """LPIPS from the paper: distances of unit feature vectors, weighed per channel, averaged over positions."""
    weigh = torch.load(linear, weights_only=True, map_location="cpu")
    shift, scale = (torch.tensor(each)[:, None, None] for each in (SHIFT, SCALE))
    both = [(signed(pixels) - shift) / scale for pixels in pair[:2]]
    total = 0.0
    for number, layer in enumerate(features.children()):
        both = [layer(each.clone()) for each in both]
        if number in last:
            unit = [each / (each.square().sum(dim=1, keepdim=True) + 1e-8).sqrt() for each in both]
            per_channel = weigh[f"lin{last.index(number)}.model.1.weight"][0]
            total += float(((unit[0] - unit[1]).square() * per_channel).sum(dim=1).mean())
    return total


@pytest.mark.numeric
@pytest.mark.parametrize(("network", "linear"), [("alexnet", "alex"), ("vgg16", "vgg")])
@torch.no_grad()
def test_values_are_those_of_the_formula(network: str, linear: str, publish: Publish, tmp_path: Path) -> None:
    features = spread(getattr(torchvision.models, network)(weights=None).features)
    tensors = {f"features.{name}": tensor for name, tensor in features.state_dict().items()}
    publish(network, tensors, tmp_path)
    found = open_lpips(network, find_published(network, tmp_path))(sample())
    wanted = rewritten(features, LAST_LAYERS[network], LINEAR / f"{linear}.pth", sample())
    assert wanted > 0.01
    assert found == pytest.approx(wanted, rel=1e-4)


@pytest.mark.numeric
def test_values_are_those_of_the_library_and_torch_s_cache_is_looked_into(
    publish: Publish, caches: Path
) -> None:
    publish("alexnet", spread(torchvision.models.alexnet(weights=None)).state_dict(), caches)
    (measure,) = open_deep(["lpips-alex"], pairs=1).measures
    pair = sample()
    wanted = learned_perceptual_image_patch_similarity(signed(pair.painted), signed(pair.truth), "alex")
    assert measure.of(pair) == pytest.approx(float(wanted), rel=1e-5)
    assert measure.of(Sample(pair.truth, pair.truth, pair.hole)) == 0


def test_a_picture_too_small_or_too_large_for_the_network_has_no_value(
    publish: Publish, tmp_path: Path
) -> None:
    features = torchvision.models.alexnet(weights=None).features.state_dict()
    publish("alexnet", {f"features.{name}": tensor for name, tensor in features.items()}, tmp_path)
    measure = open_lpips("alexnet", find_published("alexnet", tmp_path))
    values = []
    for height, width in ((31, 64), (32, 32), (1051, 2000)):
        picture = np.zeros((height, width, 3), np.uint8)
        values.append(measure(Sample(picture, picture, np.ones((height, width), bool))))
    np.testing.assert_equal(values, [math.nan, 0, math.nan])


def test_weights_of_another_network_are_refused(publish: Publish, tmp_path: Path) -> None:
    publish("alexnet", {"features.0.weight": torch.zeros(64, 3, 11, 11)}, tmp_path)
    with pytest.raises(ModelError, match=r"must hold the weights of this network.*features\.0\.bias"):
        open_lpips("alexnet", find_published("alexnet", tmp_path))

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torchmetrics.image.fid import NoTrainInceptionV3

from splpaint.errors import ModelError
from splpaint.evaluation.deep.inception import as_pytorch_fid, as_tensorflow, open_inception
from splpaint.evaluation.deep.weights import FoundWeights
from tests.evaluation.deep.conftest import noise, spread

SIDE = 299


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of the whole network."""
    path = tmp_path_factory.mktemp("inception") / "inception.pth"
    torch.save({}, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        network = FeatureExtractorInceptionV3("inception", ["2048"], str(path))
    torch.save(spread(network).state_dict(), path)
    return path


def levels(seed: int) -> Tensor:
    return torch.from_numpy(noise(seed)).permute(2, 0, 1)[None]


@pytest.mark.numeric
def test_features_are_those_of_torchmetrics_and_torch_fidelity(file: Path) -> None:
    found = open_inception(FoundWeights(file, ""), as_tensorflow).features(noise(1))
    for network in (
        NoTrainInceptionV3("inception", ["2048"], str(file), antialias=False),
        FeatureExtractorInceptionV3("inception", ["2048"], str(file)),
    ):
        wanted = network(levels(1))
        wanted = (wanted[0] if isinstance(wanted, tuple) else wanted).reshape(-1).numpy()
        assert wanted.std() > 1e-3
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def resized(image: NDArray[np.uint8], centre: float) -> NDArray[np.float64]:
    """Bilinear, (H,W,3) => (299,299,3); ``centre`` of a pixel: 0 as TensorFlow 1 sees it, 0.5 as torch does."""
    sides = []
    for length in image.shape[:2]:
        place = ((np.arange(SIDE) + centre) * length / SIDE - centre).clip(0, length - 1)
        low = np.floor(place).astype(int)
        high = (low + 1).clip(max=length - 1)
        weigh = np.zeros((SIDE, length))
        np.add.at(weigh, (np.arange(SIDE), low), 1 - (place - low))
        np.add.at(weigh, (np.arange(SIDE), high), place - low)
        sides.append(weigh)
    return np.asarray(
        np.einsum("yh,xw,hwc->yxc", sides[0], sides[1], image.astype(np.float64), optimize=True)
    )


@pytest.mark.parametrize(
    ("prepare", "centre", "middle"), [(as_tensorflow, 0.0, 128.0), (as_pytorch_fid, 0.5, 127.5)]
)
@pytest.mark.parametrize("shape", [(72, 64), (400, 320)])
def test_pictures_are_resized_as_the_definitions_say(
    prepare: Callable[[Tensor], Tensor], centre: float, middle: float, shape: tuple[int, int]
) -> None:
    image = noise(2, *shape)
    found = prepare(torch.from_numpy(image).permute(2, 0, 1)[None].float())[0].permute(1, 2, 0)
    wanted = (resized(image, centre) - middle) / middle
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-3)


def test_code_in_a_file_of_weights_is_not_run(tmp_path: Path) -> None:
    torch.save({"conv": print}, tmp_path / "inception.pth")
    with pytest.raises(ModelError, match="a PyTorch file of tensors"):
        open_inception(FoundWeights(tmp_path / "inception.pth", ""), as_tensorflow)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    torch.save({"conv": torch.zeros(1)}, tmp_path / "inception.pth")
    with pytest.raises(ModelError, match="must hold the weights of this network"):
        open_inception(FoundWeights(tmp_path / "inception.pth", ""), as_tensorflow)

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as transforms

from splpaint.errors import InputError, ModelError
from splpaint.evaluation.deep.timm_networks import open_efficientnet_lite0, open_timm
from tests.evaluation.deep.conftest import noise, spread

NAME = "test_vit"  # a small one of timm's own tests, of a fixed size of input


@pytest.fixture
def network() -> Any:
    return spread(timm.create_model(NAME))


def features_of(network: Any, seed: int) -> torch.Tensor:
    """As timm's own way of preparing pictures does it: resized by torchvision, normalised, without the classifier."""
    cfg = network.pretrained_cfg
    pixels = torch.from_numpy(noise(seed)).permute(2, 0, 1) / 255
    mode = InterpolationMode(cfg["interpolation"])
    resized = transforms.resize(pixels, list(cfg["input_size"][1:]), mode, antialias=True)
    image = transforms.normalize(resized, cfg["mean"], cfg["std"])[None]
    with torch.no_grad():
        features: torch.Tensor = network.forward_head(network.forward_features(image), pre_logits=True)[0]
    return features


@pytest.mark.numeric
@pytest.mark.parametrize("ending", ["safetensors", "pth"])
def test_features_are_those_before_the_classifier(ending: str, network: Any, tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.{ending}"
    (save_file if ending == "safetensors" else torch.save)(network.state_dict(), path)
    opened, weights = open_timm(NAME, tmp_path)
    wanted = features_of(network, 3)
    assert opened.dimensions == len(wanted)
    np.testing.assert_allclose(opened.features(noise(3)), wanted, rtol=1e-4, atol=1e-4)
    assert weights.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def cached(network: Any, hub: Path, *, name: str | None = None) -> Path:
    """Put weights into a cache as Hugging Face's library lays it out; give the file that holds them."""
    repository = hub / f"models--{network.pretrained_cfg['hf_hub_id'].replace('/', '--')}"
    for folder in ("blobs", "refs", "snapshots/abc"):
        (repository / folder).mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    save_file(network.state_dict(), repository / "blobs" / "new")
    checksum = hashlib.sha256((repository / "blobs" / "new").read_bytes()).hexdigest()
    blob = (repository / "blobs" / "new").rename(repository / "blobs" / (name or checksum))
    (repository / "snapshots" / "abc" / "model.safetensors").symlink_to(blob)
    return blob


def test_hugging_face_s_cache_is_looked_into_and_its_checksums_hold(network: Any, tmp_path: Path) -> None:
    blob = cached(network, tmp_path / "hub")
    opened, weights = open_timm(NAME, None)
    assert weights.sha256 == blob.name
    assert opened.dimensions > 0


def test_a_damaged_file_in_hugging_face_s_cache_is_refused(network: Any, tmp_path: Path) -> None:
    cached(network, tmp_path / "hub", name="0" * 64)
    with pytest.raises(ModelError, match="begins with 0000000000000000, got"):
        open_timm(NAME, None)


def test_torch_s_cache_is_looked_into_and_the_checksum_in_the_name_holds(caches: Path) -> None:
    torch.save({}, caches / "tf_efficientnet_lite0-0aa007d2.pth")
    with pytest.raises(ModelError, match="begins with 0aa007d2, got"):
        open_timm("tf_efficientnet_lite0", None)


def test_missing_weights_are_named_with_the_place_to_get_them() -> None:
    with pytest.raises(
        ModelError, match=r"needs the weights test_vit\.safetensors.*huggingface\.co/timm/test_vit"
    ):
        open_timm(NAME, None)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_file({"conv.weight": torch.zeros(1)}, tmp_path / f"{NAME}.safetensors")
    with pytest.raises(ModelError, match="must hold the weights of this network"):
        open_timm(NAME, tmp_path)


@pytest.mark.parametrize("name", ["resnet5O", "hf-hub:timm/resnet50.a1_in1k"])
def test_an_unknown_network_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="name of a network of timm"):
        open_timm(name, None)


@pytest.mark.numeric
def test_efficientnet_lite0_knows_a_picture_it_was_trained_to_know() -> None:
    """The package's weights are in their places: features of a picture and its mirror image are alike, of noise not."""
    opened, weights = open_efficientnet_lite0()
    coarse = np.random.default_rng(1).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    picture = np.asarray(Image.fromarray(coarse).resize((224, 224), Image.Resampling.BICUBIC))
    first, mirrored, other = (
        opened.features(each) for each in (picture, picture[:, ::-1], noise(4, 224, 224))
    )
    assert opened.dimensions == len(first) == 1280
    assert "57934424" in weights.describe()
    assert np.linalg.norm(first - mirrored) < 0.5 * np.linalg.norm(first - other)

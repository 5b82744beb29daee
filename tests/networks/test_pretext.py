from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from splpaint.errors import ModelError
from splpaint.images.arrays import to_planes
from splpaint.networks.config import PretextConfig
from splpaint.networks.pretext import load_efficientnet_lite0, load_pretext
from splpaint.training.recipes.recipe import load_recipe
from tests.oracle_weights import asl_checkpoint, asl_weights, load_oracle

EXAMPLES = Path(__file__).parents[2] / "examples" / "photographs"
LITE0 = load_recipe("compact", ["data.images=x", "run.out=x"]).pretext


@pytest.mark.numeric
def test_the_feature_of_tresnet_l_equals_the_authors(tmp_path: Path) -> None:
    oracle = load_oracle("asl_tresnet_l_64")
    pretext = load_pretext(asl_checkpoint(tmp_path / "asl.pth", asl_weights()))
    with torch.inference_mode():
        feature = pretext.train()(oracle["image"])  # stays in eval mode
        exact = pretext.double()(oracle["image"].double())
    torch.testing.assert_close(exact, oracle["feature"].double(), atol=1e-6, rtol=0)  # theirs is 6e-8 off
    torch.testing.assert_close(feature.double(), exact, atol=2e-6, rtol=0)  # 6e-8 with every instruction set


def test_the_last_of_the_stages_is_the_feature_before_standardising() -> None:
    pretext = load_pretext(LITE0)
    image = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    stages = pretext.stages(image)
    assert [tuple(stage.shape[1:]) for stage in stages] == [
        (16, 32, 32),
        (24, 16, 16),
        (40, 8, 8),
        (112, 4, 4),
    ]
    torch.testing.assert_close(pretext(image), stages[-1])  # not standardised yet: mean 0, spread 1


def test_a_pretext_checkpoint_must_hold_all_of_the_stage(tmp_path: Path) -> None:
    weights = asl_weights()
    del weights["body.layer2.0.conv1.0.0.weight"]
    with pytest.raises(ModelError, match=r"body\.layer2\.0\.conv1\.conv\.weight is missing"):
        load_pretext(asl_checkpoint(tmp_path / "asl.pth", weights))
    weights = asl_weights() | {"body.conv1.0.weight": torch.zeros(76, 3, 3, 3)}
    with pytest.raises(ModelError, match=r"body\.conv1\.conv\.weight must be \(76, 48, 3, 3\)"):
        load_pretext(asl_checkpoint(tmp_path / "asl.pth", weights))


def test_weights_must_be_named_and_be_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="got nothing"):
        load_pretext(PretextConfig())
    with pytest.raises(ModelError, match="found none"):
        load_pretext(PretextConfig(weights=tmp_path / "none.pth"))
    with pytest.raises(ModelError, match="a name that timm knows"):
        load_pretext(PretextConfig(model="tresnet_xxl", weights="hub"))
    (tmp_path / "broken.pth").write_bytes(b"broken")
    with pytest.raises(ModelError, match="PyTorch file"):
        load_pretext(PretextConfig(weights=tmp_path / "broken.pth"))


@pytest.mark.numeric
def test_the_packaged_network_knows_what_it_sees() -> None:
    """Its classifier, on a real photograph, before it is cut off: the weights stand where they belong."""
    network = timm.create_model("tf_efficientnet_lite0").eval()
    load_efficientnet_lite0(network)
    with Image.open(EXAMPLES / "canyon.webp") as photograph:
        small = np.asarray(photograph.convert("RGB").resize((224, 224), Image.Resampling.BOX))
    canyon = torch.from_numpy(to_planes(small))[None]
    with torch.inference_mode():
        scores = network((canyon - LITE0.input_mean) / LITE0.input_std).softmax(dim=1)
    assert int(scores.argmax()) == 972  # cliff


@pytest.mark.numeric
def test_standardised_features_have_mean_0_and_spread_1() -> None:
    pretext = load_pretext(LITE0)
    torch.manual_seed(0)
    images = [torch.rand(2, 3, 128, 128) for _ in range(3)]
    pretext.standardise(images)
    with torch.inference_mode():
        features = torch.cat([pretext(image) for image in images])
    assert features.shape == (6, 112, 8, 8)
    torch.testing.assert_close(features.mean(dim=(0, 2, 3)), torch.zeros(112), atol=1e-4, rtol=0)
    torch.testing.assert_close(features.std(dim=(0, 2, 3)), torch.ones(112), atol=1e-2, rtol=0)

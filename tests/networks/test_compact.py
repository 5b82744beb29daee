from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from splpaint.cpu import lacks_avx
from splpaint.errors import ModelError
from splpaint.networks.build import build_generator
from splpaint.networks.checkpoints import load_model, save_model
from splpaint.networks.config import CompactConfig
from splpaint.networks.layers import icnr_
from splpaint.networks.spl import SPL

SMALL = CompactConfig(
    stem_channels=(8, 8, 16),
    trunk_dilations=(1, 2),
    learner_channels=(8, 8, 16),
    learner_dilations=(1, 2),
    layout_channels=16,
    prior_channels=12,
)


def small_generator(seed: int = 0) -> SPL:
    torch.manual_seed(seed)
    generator = build_generator(SMALL)
    last = generator.get_parameter("image_generator.to_correction.weight")
    nn.init.normal_(last, std=0.1)  # a fresh one corrects nothing
    return generator.eval()


def test_compact_keeps_within_its_budget() -> None:
    generator = build_generator(CompactConfig())
    assert sum(p.numel() for p in generator.parameters()) <= 12_000_000
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        generator(torch.rand(1, 3, 256, 256), torch.zeros(1, 1, 256, 256))
    assert counter.get_total_flops() <= 30e9


@pytest.mark.numeric
def test_a_fresh_network_gives_its_first_fill() -> None:
    torch.manual_seed(0)
    image, hole = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    torch.testing.assert_close(build_generator(SMALL)(image, hole).painted, image)


def test_shapes_of_the_three_outputs() -> None:
    output = small_generator()(torch.rand(2, 3, 128, 64), torch.zeros(2, 1, 128, 64))
    assert output.painted.shape == (2, 3, 128, 64)
    assert output.layout.shape == (2, 16, 16, 8)
    assert output.prior.shape == (2, 12, 16, 8)


@pytest.mark.numeric
def test_what_the_hole_holds_does_not_matter() -> None:
    generator = small_generator()
    torch.manual_seed(1)
    image, hole = torch.rand(1, 3, 64, 64), (torch.rand(1, 1, 64, 64) < 0.3).float()
    with torch.inference_mode():
        first, second = (
            generator(image, hole).painted,
            generator(image * (1 - hole) + 0.9 * hole, hole).painted,
        )
    torch.testing.assert_close(first, second, atol=1e-5, rtol=1e-5)


@pytest.mark.numeric
def test_the_layout_modulates_the_picture() -> None:
    generator = small_generator()
    image, hole = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    hole[..., 16:48, 16:48] = 1
    with torch.inference_mode():
        layout = generator(image, hole).layout
        painted = [generator.image_generator(image, hole, each) for each in (layout, layout + 1)]
    assert (painted[0] - painted[1]).abs().max() > 1e-3


@pytest.mark.numeric
def test_pictures_of_a_batch_do_not_mix() -> None:
    generator = small_generator()
    torch.manual_seed(2)
    images, holes = torch.rand(3, 3, 64, 64), (torch.rand(3, 1, 64, 64) < 0.3).float()
    with torch.inference_mode():
        together = generator(images, holes).painted
        alone = torch.cat([generator(images[i : i + 1], holes[i : i + 1]).painted for i in range(3)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


def test_icnr_starts_as_nearest_neighbour() -> None:
    conv = nn.Conv2d(4, 12, 3, padding=1, bias=False)
    icnr_(conv.weight)
    shuffled = nn.functional.pixel_shuffle(conv(torch.rand(1, 4, 8, 8)), 2)
    blocks = shuffled.unfold(2, 2, 2).unfold(3, 2, 2)
    assert torch.equal(blocks, blocks[..., :1, :1].expand_as(blocks))


def test_a_model_folder_gives_the_same_picture_back(tmp_path: Path) -> None:
    generator = small_generator()
    save_model(tmp_path, generator, SMALL, name="small")
    loaded, config = load_model(tmp_path)
    image, hole = torch.rand(1, 3, 64, 64), torch.ones(1, 1, 64, 64)
    assert config == SMALL
    with torch.inference_mode():
        assert torch.equal(loaded(image, hole).painted, generator(image, hole).painted)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "SHA256SUMS",
        "config.json",
        "model.safetensors",
    ]


def test_weights_of_another_size_are_refused_by_name(tmp_path: Path) -> None:
    save_model(tmp_path, small_generator(), SMALL, name="small")
    config = (tmp_path / "config.json").read_text("utf-8")
    (tmp_path / "config.json").write_text(config.replace('"prior_channels": 12', '"prior_channels": 13'))
    with pytest.raises(ModelError, match=r"config\.json must have the SHA-256 .* remove SHA256SUMS"):
        load_model(tmp_path)
    (tmp_path / "SHA256SUMS").unlink()
    with pytest.raises(ModelError, match=r"to_prior\.weight must be \(13, 16, 1, 1\), got \(12, 16, 1, 1\)"):
        load_model(tmp_path)


def test_a_damaged_or_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json"):
        load_model(tmp_path)
    save_model(tmp_path, small_generator(), SMALL, name="small")
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        load_model(tmp_path)


@pytest.mark.slow
@pytest.mark.numeric
@pytest.mark.skipif(lacks_avx(), reason="OpenVINO needs AVX")
def test_onnx_agrees_with_torch_at_any_size(tmp_path: Path) -> None:
    from splpaint.inference.engines.openvino_engine import OpenVINOEngine
    from splpaint.networks.export import export_model

    save_model(tmp_path, small_generator(), SMALL, name="small", dtype=torch.float16)
    assert export_model(tmp_path) < 1e-5  # measured 1.8e-7
    generator, _ = load_model(tmp_path)
    engine = OpenVINOEngine(tmp_path / "model.onnx", precision="fp32")
    for batch, height, width in ((1, 64, 64), (2, 192, 128)):
        image = torch.rand(batch, 3, height, width)
        hole = (torch.rand(batch, 1, height, width) < 0.3).float()
        with torch.inference_mode():
            wanted = generator(image, hole).painted.clamp(0, 1).numpy()
        np.testing.assert_allclose(engine(image.numpy(), hole.numpy()), wanted, atol=1e-4)

"""Model folders: what is written comes back; what does not fit is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

from splpaint.errors import ModelError
from splpaint.networks.checkpoints import load_model, read_torch_file, save_model
from tests.small_model import SMALL, small_generator


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


def test_what_is_no_file_of_tensors_is_refused_without_advice_to_trust_it(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.png")
    torch.save(nn.Linear(1, 1), tmp_path / "network.pt")
    torch.jit.save(torch.jit.script(nn.Linear(1, 1)), tmp_path / "program.pt")
    wanted = {
        "photo.png": "another kind of file, or a damaged one",
        "network.pt": r"one that holds .*torch\.nn\.modules\.linear\.Linear.*; save the network's state_dict\(\) alone",
        "program.pt": "a TorchScript program, which could run anything",
    }
    for name, found in wanted.items():
        with pytest.raises(ModelError, match=rf"tensors and plain values, got {found}") as refused:
            read_torch_file(tmp_path / name)
        assert "weights_only" not in str(refused.value)

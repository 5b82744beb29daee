from __future__ import annotations

import functools
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from splpaint.errors import InputError, MissingExtraError
from splpaint.inference.engines.devices import open_engine
from splpaint.inference.engines.engine import Engine
from splpaint.inference.engines.openvino_engine import OpenVINOEngine, import_openvino
from splpaint.inference.engines.torch_engine import TorchEngine, torch_devices
from splpaint.inference.inpainter import load_inpainter
from splpaint.inference.models.catalogue import ModelFiles, find_model
from tests.conftest import ExportedModel
from tests.stand_in_model import write_stand_in


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    return find_model(write_stand_in(tmp_path_factory.mktemp("models") / "model"))


@pytest.mark.parametrize("device", ["auto", "cpu", "CPU"])
def test_the_cpu_is_the_default(files: ModelFiles, device: str) -> None:
    assert open_engine(files, device=device).name == "OpenVINO CPU"
    assert load_inpainter(files.folder, device=device).engine == "OpenVINO CPU"


@pytest.mark.parametrize(
    "device", ["", "tpu", "cuda:", "cuda:x", "cpu:1", "gpu:-1", "mps:0", "cuda 0", "x" * 999]
)
def test_unknown_devices_are_answered_with_the_known_ones(files: ModelFiles, device: str) -> None:
    with pytest.raises(InputError, match="device must be auto, cpu, gpu"):
        open_engine(files, device=device)


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:99", "mps"])
def test_a_missing_torch_device_is_an_error_not_a_fallback(files: ModelFiles, device: str) -> None:
    if device in torch_devices():
        pytest.skip(f"{device} is there")
    with pytest.raises(InputError, match=f"device {device} must be one that torch sees, got only cpu"):
        open_engine(files, device=device)


@pytest.mark.parametrize("device", ["gpu", "gpu:9"])
def test_a_missing_intel_gpu_is_an_error_not_a_fallback(files: ModelFiles, device: str) -> None:
    if device == "gpu" and any(name.startswith("GPU") for name in import_openvino().Core().available_devices):
        pytest.skip("a GPU is there")
    with pytest.raises(InputError, match=r"must be one that OpenVINO sees, got only .*cpu"):
        open_engine(files, device=device)


def test_torch_devices_without_torch_name_the_extra(
    files: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"`device=\"cuda\"` needs the module torch.*\[train\]"):
        open_engine(files, device="cuda")


@pytest.mark.slow
@pytest.mark.numeric
def test_torch_paints_what_openvino_paints(small_model: ExportedModel) -> None:
    draw = np.random.default_rng(0)
    picture = (
        draw.random((1, 3, 64, 128), np.float32),
        (draw.random((1, 1, 64, 128)) < 0.3).astype(np.float32),
    )
    engine: Engine = TorchEngine(small_model.folder, device="cpu")
    assert (engine.name, engine.precision) == ("torch cpu", "fp32")
    painted = engine(*picture)
    assert painted.dtype == np.float32
    expected = OpenVINOEngine(small_model.folder / "model.onnx", precision="fp32")(*picture)
    np.testing.assert_allclose(painted, np.clip(expected, 0, 1), atol=1e-4)


def test_an_apple_gpu_runs_in_float32_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="precision on mps must be auto or fp32, got bf16"):
        TorchEngine(tmp_path, device="mps", precision="bf16")


@pytest.mark.slow
@pytest.mark.numeric
def test_torch_paints_the_same_in_half_precision_and_compiled(
    small_model: ExportedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(1)
    planes = draw.random((1, 3, 64, 64), np.float32)
    hole = (draw.random((1, 1, 64, 64)) < 0.3).astype(np.float32)
    expected = TorchEngine(small_model.folder, device="cpu")(planes, hole)
    half = TorchEngine(small_model.folder, device="cpu", precision="bf16")
    assert half.precision == "bf16"
    painted = half(planes, hole)
    assert painted.dtype == np.float32
    assert 0 < np.abs(painted - expected).max() < 0.01  # measured 0.0008

    monkeypatch.setattr("splpaint.networks.can_compile", lambda _: True)  # as for a GPU
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))
    compiled = TorchEngine(small_model.folder, device="cpu", many_at_once=True)
    assert hasattr(compiled._generator, "_orig_mod")
    np.testing.assert_allclose(compiled(planes, hole), expected, atol=1e-5)

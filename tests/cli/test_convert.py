"""``splpaint convert``: from the authors' checkpoint to a model that paints as theirs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from splpaint.images.arrays import to_planes
from splpaint.inference.engines.openvino_engine import OpenVINOEngine
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.networks.checkpoints import load_model
from tests.cli.commands import splpaint
from tests.cli.conftest import files
from tests.made_once import made_once
from tests.oracle_weights import load_oracle


@pytest.fixture(scope="module")
def model(published_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> Path:
        command = [sys.executable, "-m", "splpaint", "convert", str(published_file), "-o", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
        return folder

    return made_once(tmp_path_factory, "converted", make)


@pytest.mark.slow
def test_a_model_that_is_there_is_not_replaced(published_file: Path, model: Path) -> None:
    assert sorted(files(model)) == [
        "README.md",
        "SHA256SUMS",
        "config.json",
        "model.onnx",
        "model.safetensors",
    ]
    again = splpaint("convert", published_file, "-o", model)
    assert again.returncode == 2
    assert "--overwrite" in again.stderr


@pytest.mark.slow
@pytest.mark.parametrize("case", ["square", "oblong", "nohole"])
def test_the_model_paints_as_the_authors_does(model: Path, case: str) -> None:
    oracle = load_oracle("spl_generator_64" if case == "square" else "spl_generator_more")
    prefix = "" if case == "square" else f"{case}_"
    image, hole, wanted = (oracle[f"{prefix}{kind}"].numpy() for kind in ("image", "mask", "output"))
    painted = OpenVINOEngine(model / "model.onnx", precision="fp32")(image, hole)
    np.testing.assert_allclose(painted, wanted, atol=1e-4, rtol=0)


@pytest.mark.slow
def test_the_command_paints_what_the_network_paints_but_for_rounding(model: Path, tmp_path: Path) -> None:
    """Photos that the network sees as they are, with holes all over."""
    generator, _ = load_model(model)
    random = np.random.default_rng(0)
    cases = {}
    for height, width in ((48, 80), (256, 256), (200, 152)):
        pixels = random.integers(0, 256, (height, width, 3), np.uint8)
        hole = irregular_mask(seed=3, index=0, height=height, width=width, bin=3)
        cases[f"{height}.png"] = pixels, hole
        for folder, array in (("photos", pixels), ("masks", hole)):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.fromarray(array).save(tmp_path / folder / f"{height}.png")
    photos, masks, out = (str(tmp_path / name) for name in ("photos", "masks", "out"))
    options = ["--mask", masks, "--model", str(model), "--precision", "fp32", "-o", out]
    subprocess.run([sys.executable, "-m", "splpaint", "paint", photos, *options], check=True)
    for name, (pixels, hole) in cases.items():
        planes, missing = torch.from_numpy(to_planes(pixels))[None], torch.from_numpy(hole)[None, None]
        with torch.inference_mode():
            wanted = generator(planes, missing.float()).painted
        levels = torch.where(missing, wanted, planes)[0].permute(1, 2, 0).numpy() * 255
        assert (
            np.abs(np.asarray(Image.open(tmp_path / "out" / name)) - levels).max() < 0.51
        )  # rounded, nothing else

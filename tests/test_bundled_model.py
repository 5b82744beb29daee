"""The model that comes with the package: what its card promises about its files, and that it paints."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from splpaint import load_inpainter
from splpaint.cpu import lacks_avx
from splpaint.evaluation.baselines import BASELINES
from splpaint.images.arrays import read_rgb
from splpaint.images.mask_values import read_mask
from splpaint.inference.engines.openvino_engine import OpenVINOEngine
from splpaint.inference.models.catalogue import find_model
from splpaint.metrics.pixel import psnr_in_hole
from splpaint.networks.checkpoints import load_model, stored_in_fp16

EXAMPLES = Path(__file__).parents[1] / "examples"
FOLDER = find_model("compact").folder


def example(name: str) -> tuple[Path, Path]:
    (photograph,) = (EXAMPLES / "photographs").glob(f"{name}.*")
    return photograph, EXAMPLES / "masks" / f"{name}.png"


def test_the_files_are_small_and_whole() -> None:
    files = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert {"model.onnx", "model.safetensors", "config.json", "README.md", "attribution.csv"} <= files.keys()
    assert max(files.values()) < 25_000_000
    assert stored_in_fp16(FOLDER)
    assert json.loads((FOLDER / "config.json").read_text("utf-8"))["name"] == "compact"


def test_every_photograph_it_was_trained_on_is_named_with_a_licence_that_allows_it() -> None:
    with (FOLDER / "attribution.csv").open(encoding="utf-8", newline="") as file:
        named = {row["sha256"]: row["license"] for row in csv.DictReader(file)}
    with (EXAMPLES.parent / "scripts" / "photo_corpus.csv").open(encoding="utf-8", newline="") as file:
        corpus = list(csv.DictReader(file))
    trained = {row["sha256"] for row in corpus if row["split"] == "train" and row["tier"] != "copyleft"}
    assert named.keys() == trained
    assert not any("GPL" in licence for licence in named.values())


@pytest.mark.numeric
@pytest.mark.skipif(lacks_avx(), reason="OpenVINO needs AVX")
def test_onnx_and_safetensors_hold_the_same_network() -> None:
    generator, config = load_model(FOLDER)
    engine = OpenVINOEngine(FOLDER / "model.onnx", precision="fp32")
    torch.manual_seed(0)
    image = torch.rand(1, 3, 2 * config.size_multiple, config.size_multiple)
    hole = (torch.rand(1, 1, *image.shape[2:]) < 0.3).float()
    with torch.inference_mode():
        wanted = generator(image, hole).painted.clamp(0, 1).numpy()
    np.testing.assert_allclose(engine(image.numpy(), hole.numpy()), wanted, atol=1e-4)


# In the two others something is to go, so the photograph is not what is wanted there.
@pytest.mark.numeric
@pytest.mark.skipif(lacks_avx(), reason="OpenVINO needs AVX")
@pytest.mark.parametrize("name", ["canyon", "house", "statue"])
def test_it_paints_damaged_examples_better_than_classical_methods(name: str) -> None:
    photograph, mask = example(name)
    truth, hole = read_rgb(photograph), read_mask(mask)
    scores = [psnr_in_hole(paint(truth, hole), truth, hole) for paint in BASELINES.values()]
    painted = load_inpainter(precision="fp32", texture=False)(truth, hole)
    assert psnr_in_hole(painted, truth, hole) > max(scores) + 0.3  # by 0.36 (house) to 0.77

"""Methods say of themselves whatever has an influence on their values."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from splpaint.evaluation import parse_model
from splpaint.evaluation.methods import LoadedPair
from splpaint.inference.models import KNOWN
from splpaint.pairs import iterate_manifest
from tests.evaluation.conftest import scene
from tests.foreign_model import add_by_hand

SMALL = KNOWN["lama"].contract.model_copy(update={"working_size_px": 64, "size_multiple": 64})


def test_an_added_model_is_measured_by_its_name_and_says_by_which_contract(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPLPAINT_MODELS", str(tmp_path))
    folder = add_by_hand(tmp_path / "lama", SMALL)
    method = parse_model("lama,precision=fp32")
    assert method.name == "lama,precision=fp32"
    identity, paint = method.open(pairs)
    assert identity == {
        "kind": "model",
        "model": "lama",
        "onnx_sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "engine": "OpenVINO CPU",
        "precision": "fp32",
        "copied_texture": False,
        "contract_sha256": SMALL.sha256(),
    }
    image, hole = scene(0), np.zeros((64, 64), np.bool_)
    hole[20:40, 20:40] = True
    painted = paint(LoadedPair("a", next(iterate_manifest(pairs)), image, hole))
    mean = np.rint(image[~hole].mean(axis=0))
    np.testing.assert_allclose(painted[hole], np.broadcast_to(mean, (400, 3)), atol=1)


def test_our_own_models_need_no_contract_to_be_told_apart(pairs: Path) -> None:
    identity, _ = parse_model("compact").open(pairs)
    assert "contract_sha256" not in identity

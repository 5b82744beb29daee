from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from splpaint import load_inpainter
from splpaint.errors import ModelError
from splpaint.inference.models.catalogue import find_model
from splpaint.model_folder import BUNDLED
from tests.stand_in_model import write_stand_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_stand_in(tmp_path / "model")


def _change(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8")) | changes
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}), "utf-8")


def test_a_folder_is_found_by_its_path(folder: Path) -> None:
    model = find_model(folder)
    assert model == find_model(str(folder))
    assert (model.name, model.size_multiple, model.working_size_px) == ("stand-in", 64, 256)
    assert model.folder == folder
    assert model.onnx.is_file()


def test_texture_is_copied_only_for_models_that_ask_for_it(folder: Path) -> None:
    assert not find_model(folder).copied_texture
    _change(folder, copied_texture=True)
    assert find_model(folder).copied_texture
    assert find_model("compact").copied_texture
    height = width = 256
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    hole = np.zeros((height, width), np.bool_)
    hole[80:180, 80:180] = True
    copied = load_inpainter(folder)(image, hole)
    alone = load_inpainter(folder, texture=False)(image, hole)
    assert (copied[hole] != alone[hole]).any()
    _change(folder, copied_texture=None)  # as the authors' models are
    np.testing.assert_array_equal(load_inpainter(folder)(image, hole), alone)


def test_a_bundled_name_is_found_from_everywhere(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BUNDLED, "bundled", folder)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundled").mkdir()  # a folder of that name does not come before it
    assert find_model("bundled").folder == folder


def test_an_unknown_name_is_answered_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUNDLED, "another", Path("another"))
    with pytest.raises(ModelError, match="one of another, compact or a model folder, got 'compcat'"):
        find_model("compcat")


@pytest.mark.parametrize("name", ["\0", "x" * 5000, "no/such/folder"])
def test_names_that_are_no_paths_are_refused_like_others(name: str) -> None:
    with pytest.raises(ModelError, match="which is neither"):
        find_model(name)


@pytest.mark.parametrize("missing", ["config.json", "model.onnx"])
def test_a_missing_file_is_named(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=rf"holds {missing}.*; (give the folder|splpaint export)"):
        find_model(folder)


def test_only_a_bundled_model_is_mended_by_a_new_installation(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "model.onnx").unlink()
    monkeypatch.setitem(BUNDLED, "bundled", folder)
    with pytest.raises(ModelError, match=r"holds model\.onnx.*; reinstall splpaint"):
        find_model("bundled")
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"must hold a bundled model, and does not; reinstall splpaint"):
        find_model("bundled")


def test_an_empty_network_is_refused(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"")
    with pytest.raises(ModelError, match="missing or empty"):
        find_model(folder)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"null", b"[]", b'"compact"'])
def test_a_damaged_configuration_is_refused(folder: Path, text: bytes) -> None:
    (folder / "config.json").write_bytes(text)
    with pytest.raises(ModelError, match=r"config\.json must"):
        find_model(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", None),
        ("name", ""),
        ("name", 3),
        ("size_multiple", None),
        ("size_multiple", 0),
        ("size_multiple", "64"),
        ("size_multiple", 96),
        ("copied_texture", "yes"),
        ("working_size_px", None),
        ("working_size_px", 256.5),
        ("working_size_px", 300),
        ("working_size_px", 10**9),
        ("generator", None),
        ("generator", []),
        ("working_size", 256),
    ],
)
def test_a_wrong_value_is_named(folder: Path, key: str, value: object) -> None:
    _change(folder, **{key: value})
    with pytest.raises(ModelError, match=key):
        find_model(folder)


def test_looking_for_a_model_imports_neither_torch_nor_openvino(folder: Path) -> None:
    code = (
        "import sys\n"
        "from splpaint.inference.models.catalogue import find_model\n"
        f"find_model({str(folder)!r})\n"
        "assert not {'torch', 'openvino'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

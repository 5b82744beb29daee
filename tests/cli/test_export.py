"""``splpaint export``: what it writes, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import onnx
import pytest

from splpaint.cli.export import export
from splpaint.errors import InputError, ModelError
from splpaint.model_folder import BUNDLED
from splpaint.networks.checkpoints import load_model
from splpaint.networks.export import write_model
from tests.cli.commands import splpaint
from tests.cli.conftest import files
from tests.conftest import ExportedModel

MODEL_FILES = ["config.json", "model.onnx", "model.safetensors"]
WRITTEN = ["SHA256SUMS", *MODEL_FILES]


def _export(output: object, *options: str, model: Path = BUNDLED["compact"]) -> CompletedProcess[str]:
    return splpaint("export", model, "-o", output, *options)


@pytest.fixture
def quick(small_model: ExportedModel, monkeypatch: pytest.MonkeyPatch) -> ExportedModel:
    """The network is there already as ONNX, and making it takes long; the export still compares it with torch."""
    exported = onnx.load(small_model.folder / "model.onnx")
    monkeypatch.setattr("splpaint.networks.export.to_onnx", lambda *_, **__: exported)
    return small_model


def test_a_model_that_is_there_is_replaced_only_if_asked(tmp_path: Path, quick: ExportedModel) -> None:
    output = tmp_path / "mine"
    shutil.copytree(quick.folder, output)
    assert sorted(files(output)) == WRITTEN
    (output / "README.md").write_text("my card", "utf-8")
    before = files(output)
    again = _export(output, "--name", "other", model=quick.folder)
    assert again.returncode == 2
    assert (
        again.stderr
        == f"error: {output} must not hold a model yet, and does; pass --overwrite or another folder\n"
    )
    assert files(output) == before
    assert _export(output, "--name", "other", "--overwrite", model=quick.folder).returncode == 0
    assert sorted(path.name for path in output.iterdir()) == sorted([*WRITTEN, "README.md"])
    assert (output / "README.md").read_text("utf-8") == "my card"
    assert json.loads((output / "config.json").read_text("utf-8"))["name"] == "other"


def test_a_model_keeps_its_name_and_card_or_gets_a_card_with_gaps(
    tmp_path: Path, quick: ExportedModel
) -> None:
    done = _export(tmp_path / "first", model=quick.folder)
    assert done.stdout.startswith(f"wrote {tmp_path / 'first'}, the model small: ")
    card = (tmp_path / "first" / "README.md").read_text("utf-8")
    assert "# small\n" in card
    assert "multiples of\n16" in card
    assert "To be written" in card
    (tmp_path / "first" / "README.md").write_text("whose photographs it has seen", "utf-8")
    (tmp_path / "first" / "attribution.csv").write_text("path,licence", "utf-8")
    assert _export(tmp_path / "second", model=tmp_path / "first").returncode == 0
    assert (tmp_path / "second" / "README.md").read_text("utf-8") == "whose photographs it has seen"
    assert (tmp_path / "second" / "attribution.csv").read_text("utf-8") == "path,licence"
    assert json.loads((tmp_path / "second" / "config.json").read_text("utf-8"))["name"] == "small"


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (
            {"with_preprocessing": True},
            "preprocessing goes into a file, got no format for it; pass --format onnx",
        ),
        (
            {"format": "onnx", "name": "mine"},
            "a name is for a model folder, got mine and a format; leave one out",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    tmp_path: Path, options: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(InputError, match=refusal):
        export("compact", tmp_path / "a.onnx", **options)


@pytest.mark.parametrize("name", MODEL_FILES)
def test_a_part_of_a_model_is_not_replaced_either(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", "utf-8")
    done = _export(tmp_path)
    assert done.returncode == 2
    assert "--overwrite" in done.stderr
    assert files(tmp_path) == {name: b"mine"}


def test_a_file_or_an_empty_name_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = _export(tmp_path / "file", "--overwrite")
    assert (done.returncode, done.stderr) == (
        2,
        f"error: {tmp_path / 'file'} must be a folder, and is a file; give another name\n",
    )
    assert _export("").returncode == 2


def test_an_export_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> float:
        raise ModelError("ONNX must agree with torch")

    generator, config = load_model(BUNDLED["compact"])
    monkeypatch.setattr("splpaint.networks.export.export_model", fail)
    with pytest.raises(ModelError):
        write_model(tmp_path / "new", generator, config, name="new", half=True)
    (tmp_path / "there").mkdir()
    with pytest.raises(ModelError):
        write_model(tmp_path / "there", generator, config, name="there", half=True)
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]

"""Models are added whole or not at all, and only if they keep their contract."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from splpaint import load_inpainter
from splpaint.errors import MissingExtraError, ModelError
from splpaint.inference.admission import add_model, contract_named, examine
from splpaint.inference.admission.runtime import engine_difference, onnx_runtime
from splpaint.inference.models import KNOWN, added_models, find_model, remove_added
from splpaint.inference.models.added import added_models_folder
from tests import damaged_networks as damaged
from tests.foreign_model import foreign_network, write_foreign

LAMA = KNOWN["lama"].contract.model_copy(update={"working_size_px": 64, "size_multiple": 64})


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPLPAINT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_foreign(tmp_path / "My_LaMa.onnx", LAMA)


def test_a_model_that_is_added_paints_by_its_name(models: Path, file: Path) -> None:
    added = add_model(file, contract=LAMA)
    assert (added.name, added.folder, added.known) == ("my_lama", models / "my_lama", None)
    assert {path.name for path in added.folder.iterdir()} == {"model.onnx", "contract.json", "SHA256SUMS"}
    assert [path.name for path in models.iterdir()] == ["my_lama"]
    assert file.read_bytes() == (added.folder / "model.onnx").read_bytes()
    assert find_model("my_lama").contract == LAMA
    image = np.full((80, 90, 3), 77, np.uint8)
    hole = np.zeros((80, 90), np.bool_)
    hole[20:30, 20:30] = True
    damaged = np.where(hole[:, :, None], np.uint8(255), image)
    np.testing.assert_allclose(load_inpainter("my_lama").painter(damaged, hole), image, atol=1)


def test_an_added_model_that_was_changed_is_not_used(models: Path, file: Path) -> None:
    folder = add_model(file, contract=LAMA).folder
    (folder / "contract.json").write_bytes(LAMA.model_copy(update={"output_range": "0..1"}).encoded())
    with pytest.raises(ModelError, match=r"contract\.json must have the SHA-256 .*changed"):
        find_model("my_lama")


def test_a_known_file_needs_no_contract(
    models: Path, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = hashlib.sha256(file.read_bytes()).hexdigest()
    monkeypatch.setitem(KNOWN, "lama", KNOWN["lama"]._replace(sha256=digits, contract=LAMA))
    added = add_model(file)
    assert (added.name, added.known) == ("lama", "lama")
    assert find_model("lama").contract == LAMA


def test_an_unknown_file_without_a_contract_is_refused_with_what_it_takes(models: Path, file: Path) -> None:
    with pytest.raises(
        ModelError, match=r"contract must be given, .*image float32 \(batch, 3, 64, 64\) and .*lama"
    ):
        add_model(file)
    assert not models.exists()


def test_a_file_that_breaks_its_contract_leaves_nothing_behind(models: Path, file: Path) -> None:
    wrong = LAMA.model_copy(update={"output_range": "0..1"})
    with pytest.raises(
        ModelError, match=r"My_LaMa\.onnx must keep its contract, .*0\.\.255, the contract says"
    ):
        add_model(file, contract=wrong)
    assert list(models.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damaged.swapped, r"its input image \(1, 3, 64, 64\), got \[\?,1,64,64\]"),
        (damaged.swapped_with_free_axes, "known pixels come back up to"),
        (damaged.of_another_range, r"output lies in 0\.\.1, the contract says 0\.\.255"),
        (damaged.not_finite, "finite values"),
        (damaged.of_another_shape, r"paint 3 channels of 64x64, .*\(1, 3, 32, 32\)"),
        (damaged.with_weights_outside, "hold its weights itself"),
        (damaged.with_an_operator_of_its_own, r"operators of ONNX, got Evil of the domain 'example\.org'"),
        (damaged.claiming_two_gigabytes, "hold what it claims, got 'black' with 536870912 values"),
        (damaged.making_two_gigabytes, "make tensors below 1 GiB, got 'bomb'"),
    ],
)
def test_damaged_networks_are_refused_by_the_name_of_their_file(
    models: Path, tmp_path: Path, damage: Any, message: str
) -> None:
    model = foreign_network(LAMA)
    damage(model)
    path = tmp_path / "damaged.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=rf"damaged\.onnx must.*{message}") as refused:
        add_model(path, contract=LAMA)
    assert ".adding-" not in str(refused.value)
    assert not list(models.glob("*"))


def test_a_name_that_is_taken_needs_overwrite_and_is_kept_if_the_new_one_fails(
    models: Path, tmp_path: Path, file: Path
) -> None:
    add_model(file, contract=LAMA, name="mine")
    before = (models / "mine" / "model.onnx").read_bytes()
    with pytest.raises(ModelError, match="must be free, got mine"):
        add_model(file, contract=LAMA, name="mine")
    other = LAMA.model_copy(update={"output_range": "0..1"})
    path = write_foreign(tmp_path / "other.onnx", other)
    with pytest.raises(ModelError, match="must keep its contract"):
        add_model(path, contract=LAMA, name="mine", overwrite=True)
    assert (models / "mine" / "model.onnx").read_bytes() == before
    add_model(path, contract=other, name="mine", overwrite=True)
    assert find_model("mine").contract == other
    assert [each.name for each in models.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["", "../up", "a/b", "Upper", ".hidden", "x" * 65, "compact"])
def test_names_that_cannot_be_are_refused(models: Path, file: Path, name: str) -> None:
    with pytest.raises(ModelError, match="name must"):
        add_model(file, contract=LAMA, name=name or " ")


def test_a_file_s_name_becomes_one_that_can_be(models: Path, tmp_path: Path) -> None:
    file = write_foreign(tmp_path / "My export (v2).onnx", LAMA)
    assert add_model(file, contract=LAMA).name == "my-export-v2"


def test_onnx_runtime_leaves_nothing_in_the_home_folder(tmp_path: Path, file: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    code = (
        "from pathlib import Path\n"
        "from splpaint.inference.admission.runtime import onnx_runtime\n"
        "from splpaint.inference.models import parse_contract\n"
        f"onnx_runtime(Path({str(file)!r}), None)\n"
    )
    subprocess.run([sys.executable, "-c", code], env=kept | {"HOME": str(home)}, check=True)
    assert list(home.iterdir()) == []


def test_only_what_was_added_can_be_removed(models: Path, file: Path) -> None:
    add_model(file, contract=LAMA)
    with pytest.raises(ModelError, match=r"my_lama, got 'compact'"):
        remove_added("compact")
    assert remove_added("my_lama") == models / "my_lama"
    assert added_models() == {}
    with pytest.raises(ModelError, match="of which there are none"):
        remove_added("my_lama")


def test_a_place_that_cannot_hold_models_is_named(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPLPAINT_MODELS", str(file))
    with pytest.raises(ModelError, match="set SPLPAINT_MODELS to another folder"):
        add_model(file, contract=LAMA)


def test_the_folder_of_added_models_is_the_user_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPLPAINT_MODELS")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert added_models_folder() == tmp_path / ".local" / "share" / "splpaint" / "models"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert added_models_folder() == tmp_path / "data" / "splpaint" / "models"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert added_models_folder() == tmp_path / "Library" / "Application Support" / "splpaint" / "models"


def test_contracts_are_found_by_name_by_file_and_as_json(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_bytes(LAMA.encoded())
    assert contract_named(str(tmp_path / "mine.json")) == LAMA
    assert contract_named(LAMA.encoded().decode()) == LAMA
    assert contract_named("aot-gan") == KNOWN["aot-gan"].contract
    with pytest.raises(ModelError, match=r"`contract` must be one of lama, .*did you mean aot-gan\?"):
        contract_named("aotgan")


def test_a_check_tells_file_contract_engines_and_test_picture(models: Path, file: Path) -> None:
    add_model(file, contract=LAMA)
    facts = dict(examine("my_lama"))
    assert list(facts) == ["file", "SHA-256", "takes and gives", "contract", "engines", "test picture"]
    digits = hashlib.sha256(file.read_bytes()).hexdigest()
    assert facts["SHA-256"] == f"{digits} (none of the known files)"
    assert facts["contract"].startswith("kept: values lie in 0..255; known pixels come back")
    (models / "my_lama" / "model.onnx").write_bytes(b"other")
    with pytest.raises(ModelError, match="it is damaged or was changed"):
        list(examine("my_lama"))


def test_engines_that_paint_differently_are_an_error(file: Path) -> None:
    ours = onnx_runtime(file, LAMA.output)

    def white(inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        return np.where(inputs["mask"] > 0, np.float32(255), ours(inputs))

    assert engine_difference(ours, ours, LAMA, "a.onnx") == 0
    with pytest.raises(ModelError, match=r"a\.onnx must be painted alike .*holes 0\.5"):
        engine_difference(ours, white, LAMA, "a.onnx")


def test_without_onnx_runtime_the_extra_is_named_and_nothing_is_added(
    models: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"needs the module onnxruntime, .*\[models\]"):
        add_model(file, contract=LAMA)
    assert list(models.iterdir()) == []

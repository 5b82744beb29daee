"""The models of a server: which paint, and never more than two in memory."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from splpaint.errors import ModelError
from splpaint.inference.models import KNOWN
from splpaint.serving.settings import ServeSettings
from splpaint.serving.shelf import Shelf
from tests.foreign_model import write_foreign
from tests.serving.running import copy_compact, running


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Folders of three models: one of ours, and two that others made."""
    folder = tmp_path_factory.mktemp("models")
    contract = KNOWN["aot-gan"].contract
    for name in ("first", "second"):
        (folder / name).mkdir()
        write_foreign(folder / name / "model.onnx", contract)
        (folder / name / "contract.json").write_bytes(contract.encoded())
    copy_compact(folder / "small")
    return tuple(str(folder / name) for name in ("small", "first", "second"))


def _loaded(shelf: Shelf) -> set[str]:
    return {model.name for model in shelf.list() if model.is_loaded}


def test_a_third_model_takes_the_place_of_the_longest_unused(models: tuple[str, ...]) -> None:
    shelf = Shelf(ServeSettings(models=models))
    assert shelf.default == "small"
    assert _loaded(shelf) == set()
    for name, loaded in (
        ("small", {"small"}),
        ("first", {"small", "first"}),
        ("small", {"small", "first"}),
        ("second", {"small", "second"}),
    ):
        with shelf.lend(name) as inpainter:
            assert inpainter.model in {name, "compact", "small"}
        assert _loaded(shelf) == loaded


def test_a_third_model_waits_while_two_are_in_use(models: tuple[str, ...]) -> None:
    shelf = Shelf(ServeSettings(models=models))
    lent = threading.Event()

    def third() -> None:
        with shelf.lend("second"):
            lent.set()

    with shelf.lend("small"):
        with shelf.lend("first"):
            waiting = threading.Thread(target=third)
            waiting.start()
            assert not lent.wait(0.3)
        assert lent.wait(60)
        waiting.join()
        assert _loaded(shelf) == {"small", "second"}


def test_models_are_described_by_where_they_come_from(models: tuple[str, ...]) -> None:
    listed = Shelf(ServeSettings(models=("compact", *models))).list()
    assert [(model.name, model.kind, model.is_default) for model in listed] == [
        ("compact", "bundled", True),
        ("small", "foreign", False),
        ("first", "foreign", False),
        ("second", "foreign", False),
    ]
    assert all(model.title and model.good_for and model.licence for model in listed)


def test_an_unknown_model_is_refused_at_once() -> None:
    with pytest.raises(ModelError, match="model must be one of compact"):
        Shelf(ServeSettings(models=("compact", "lama-7")))


def test_a_request_chooses_its_model_and_a_client_of_iopaint_its_own(
    models: tuple[str, ...], tmp_path: Path, photo: bytes, mask: bytes
) -> None:
    with running("--models", ",".join(models), folder=tmp_path / "home") as server:
        files = {"image": photo, "mask": mask}

        def painter(**data: str) -> str:
            return server.http.post("/api/v1/inpaint", files=files, data=data).headers["x-model"]

        assert [painter(), painter(model="first"), painter()] == ["small", "first", "small"]
        assert server.http.post("/api/v1/model", json={"name": "second"}).json()["name"] == "second"
        assert server.http.get("/api/v1/model").json()["name"] == "second"
        assert [painter(), painter(model="small")] == ["second", "small"]
        server.http.cookies.clear()
        assert painter() == "small"

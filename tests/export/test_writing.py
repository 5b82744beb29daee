"""What an export refuses, and that nothing is left of one that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from splpaint.errors import InputError, ModelError
from splpaint.export import FORMATS, export_network
from splpaint.export.formats import Format, Run
from splpaint.export.variants import Variant
from tests.conftest import ExportedModel


@pytest.mark.parametrize(
    ("format", "name", "refusal"),
    [
        (
            "onxx",
            "a.onnx",
            "format must be one of onnx, openvino, torch-export, got 'onxx'; did you mean onnx?",
        ),
        ("onnx", "a.pt2", r"a file of onnx must end in .onnx, got .*a.pt2"),
        ("openvino", "there.xml", r"there.bin exists already; choose another name or pass `overwrite=True`"),
        ("onnx", "reported.onnx", r"reported.onnx.parity.json exists already"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_done(
    tmp_path: Path, format: str, name: str, refusal: str
) -> None:
    for taken in ("there.bin", "reported.onnx.parity.json"):
        (tmp_path / taken).touch()
    with pytest.raises(InputError, match=refusal.replace("?", r"\?")):
        export_network(tmp_path / "no model", tmp_path / name, format=format)


def test_the_model_s_own_onnx_is_never_replaced(small_model: ExportedModel) -> None:
    with pytest.raises(InputError, match="must be another file than the input"):
        export_network(small_model.folder, small_model.folder / "model.onnx", format="onnx", overwrite=True)


@pytest.mark.parametrize(
    ("preprocessing", "painted", "refusal"),
    [
        (False, 1, "onnx must agree with torch within 0.0001, got [01]"),
        (False, np.nan, "onnx must agree with torch within 0.0001, got nan "),
        (True, 0, "onnx must give known pixels back as they were, and does not"),
    ],
)
def test_an_export_that_paints_otherwise_is_not_kept(
    tmp_path: Path,
    small_model: ExportedModel,
    monkeypatch: pytest.MonkeyPatch,
    preprocessing: bool,
    painted: float,
    refusal: str,
) -> None:
    def write(variant: Variant, path: Path, half: bool) -> None:
        path.touch()

    def open_other(path: Path) -> Run:
        def run(inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
            return np.full_like(inputs["image"], painted)

        return run

    monkeypatch.setitem(FORMATS, "onnx", Format((".onnx",), "onnxruntime", write, open_other))
    with pytest.raises(ModelError, match=refusal):
        export_network(
            small_model.folder, tmp_path / "new" / "a.onnx", format="onnx", preprocessing=preprocessing
        )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

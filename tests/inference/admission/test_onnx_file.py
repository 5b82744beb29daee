"""Files that do harm, or are damaged, are refused before anything runs them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from splpaint.errors import MissingExtraError, ModelError
from splpaint.inference.admission.onnx_file import inspect_onnx
from splpaint.inference.models import KNOWN
from tests.foreign_model import foreign_network, write_foreign


def _network() -> onnx.ModelProto:
    return foreign_network(KNOWN["lama"].contract)


def _saved(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def test_a_file_says_what_it_takes_and_gives(tmp_path: Path) -> None:
    assert inspect_onnx(write_foreign(tmp_path / "a.onnx", KNOWN["lama"].contract)) == (
        "image float32 (batch, 3, 512, 512) and mask float32 (batch, 1, 512, 512) => "
        "output float32 (batch, 3, 512, 512)"
    )
    assert inspect_onnx(write_foreign(tmp_path / "b.onnx", KNOWN["migan-pipeline"].contract)).startswith(
        "image uint8 (batch, 3, H, W) and mask uint8 (batch, 1, H, W) =>"
    )


@pytest.mark.parametrize("location", ["weights.bin", "../weights.bin", "/etc/passwd"])
@pytest.mark.parametrize("nested", [False, True])
def test_weights_in_another_file_are_refused(tmp_path: Path, location: str, nested: bool) -> None:
    model = _network()
    tensor = model.graph.initializer[0]
    if nested:  # in a node's attribute
        model.graph.node.append(helper.make_node("Constant", [], ["more"], value=tensor))
        tensor = model.graph.node[-1].attribute[0].t
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    with pytest.raises(ModelError, match=r"a\.onnx must hold its weights itself, got 'black'"):
        inspect_onnx(_saved(tmp_path / "a.onnx", model))


@pytest.mark.parametrize("nested", [False, True])
def test_operators_of_unknown_domains_are_refused(tmp_path: Path, nested: bool) -> None:
    model, node = _network(), helper.make_node("Evil", ["image"], ["evil"], domain="example.org")
    if nested:
        body = helper.make_graph([node], "branch", [], [helper.make_empty_tensor_value_info("evil")])
        node = helper.make_node("If", ["unit"], ["evil"], then_branch=body, else_branch=body)
    model.graph.node.append(node)
    with pytest.raises(ModelError, match=r"got Evil of the domain 'example\.org'"):
        inspect_onnx(_saved(tmp_path / "a.onnx", model))


@pytest.mark.parametrize("dims", [[2**29], [2**40, 2**40], [-1]])
def test_a_tensor_that_claims_more_than_it_holds_is_refused(tmp_path: Path, dims: list[int]) -> None:
    model = _network()
    del model.graph.initializer[0].dims[:]
    model.graph.initializer[0].dims.extend(dims)
    with pytest.raises(ModelError, match=r"must hold what it claims, got 'black'"):
        inspect_onnx(_saved(tmp_path / "a.onnx", model))


def test_a_tensor_that_would_be_made_too_large_is_refused(tmp_path: Path) -> None:
    model = _network()
    model.graph.initializer.append(numpy_helper.from_array(np.array([2**29], np.int64), "two billion bytes"))
    model.graph.node.append(helper.make_node("ConstantOfShape", ["two billion bytes"], ["bomb"]))
    with pytest.raises(ModelError, match=r"must make tensors below 1 GiB, got 'bomb' of \[536870912\]"):
        inspect_onnx(_saved(tmp_path / "a.onnx", model))


def test_sparse_weights_are_refused(tmp_path: Path) -> None:
    model = _network()
    values = numpy_helper.from_array(np.ones(1, np.float32), "sparse")
    places = numpy_helper.from_array(np.zeros(1, np.int64), "places")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [2**40]))
    with pytest.raises(ModelError, match="must hold dense weights"):
        inspect_onnx(_saved(tmp_path / "a.onnx", model))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "below 2 GiB, got .* of 0 bytes"),
        (b"PK\x03\x04rest", "got .*, a PyTorch file; export it as ONNX"),
        (b"\x80\x02}q\x00.", "a pickle"),
        (b"not a model at all", "damaged or other"),
        (b"\x08\x09", "without a network"),
    ],
)
def test_files_of_other_kinds_are_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a.onnx").write_bytes(data)
    with pytest.raises(ModelError, match=message):
        inspect_onnx(tmp_path / "a.onnx")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, share: float) -> None:
    data = _network().SerializeToString()
    (tmp_path / "a.onnx").write_bytes(data[: int(share * len(data))])
    with pytest.raises(ModelError, match=r"a\.onnx must"):
        inspect_onnx(tmp_path / "a.onnx")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.onnx"):
        with pytest.raises(ModelError, match=r"must be an ONNX file, got .*check the path"):
            inspect_onnx(path)


def test_a_graph_that_hangs_together_badly_is_refused(tmp_path: Path) -> None:
    model = _network()
    model.graph.node[0].input[0] = "nowhere"
    with pytest.raises(ModelError, match="must be a well-formed ONNX file, got"):
        inspect_onnx(_saved(tmp_path / "a.onnx", model))


def test_without_onnx_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"needs the module onnx, .*\[models\]"):
        inspect_onnx(tmp_path / "a.onnx")

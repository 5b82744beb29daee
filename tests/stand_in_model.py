"""A model folder with a tiny network for tests: the hole gets the mean of the known pixels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def write_stand_in(folder: Path, *, working_size_px: int = 256, size_multiple: int = 64) -> Path:
    """Write ``config.json`` and ``model.onnx`` into a new folder and return it."""
    folder.mkdir(parents=True)
    config = {
        "name": "stand-in",
        "size_multiple": size_multiple,
        "working_size_px": working_size_px,
        "generator": {"architecture": "mean"},
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    onnx.save(_network(), folder / "model.onnx")
    return folder


def _network(output: str = "painted") -> onnx.ModelProto:
    nodes = [
        helper.make_node("Sub", ["one", "hole"], ["known"]),
        helper.make_node("Mul", ["image", "known"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "axes"], ["sum"]),
        helper.make_node("ReduceSum", ["known", "axes"], ["count"]),
        helper.make_node("Max", ["count", "one"], ["divisor"]),
        helper.make_node("Div", ["sum", "divisor"], ["mean"]),
        helper.make_node("Mul", ["hole", "mean"], ["filling"]),
        helper.make_node("Add", ["seen", "filling"], ["whole"]),
        helper.make_node("Clip", ["whole", "zero", "one"], [output]),
    ]
    graph = helper.make_graph(
        nodes,
        "mean",
        [
            helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "H", "W"]),
            helper.make_tensor_value_info("hole", TensorProto.FLOAT, [1, 1, "H", "W"]),
        ],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, 3, "H", "W"])],
        [
            numpy_helper.from_array(np.array(0, np.float32), "zero"),
            numpy_helper.from_array(np.array(1, np.float32), "one"),
            numpy_helper.from_array(np.array([2, 3], np.int64), "axes"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)

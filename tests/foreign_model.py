"""Networks as other people export them, small enough to compute by hand: every contract has one that keeps it.

The hole gets the mean of what is known, if the hole may hold anything; otherwise the mean of the whole image as it was
fed, so that what the hole held shows. A composited network gives known pixels back, another one the mean everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from splpaint.images.arrays import Planes
from splpaint.inference.models import KNOWN, Contract, bounds_of

SMALL = {
    name: known.contract.model_copy(
        update={"working_size_px": 64, "size_multiple": min(64, known.contract.size_multiple)}
    )
    for name, known in KNOWN.items()
}
"""The contract of every known model, at a size at which many can be painted."""

_KINDS = {"float32": TensorProto.FLOAT, "uint8": TensorProto.UINT8}


def write_foreign(path: Path, contract: Contract, *, batch: str | int = "batch") -> Path:
    """Write a network that keeps the contract; a fixed size becomes fixed axes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(foreign_network(contract, batch=batch), path)
    return path


def add_by_hand(folder: Path, contract: Contract) -> Path:
    """Write a model's folder: the network and its contract."""
    write_foreign(folder / "model.onnx", contract)
    (folder / "contract.json").write_bytes(contract.encoded())
    return folder


def painted_by_hand(contract: Contract, planes: Planes, hole: Planes) -> Planes:
    """What the network paints, from the painter's side: float32 ``(B, 3, H, W)`` in [0, 1]."""
    black, white = bounds_of(contract.image_range)
    known = 1 - hole
    count = known.sum((2, 3), keepdims=True)
    mean_known = (planes * known).sum((2, 3), keepdims=True) / count
    if contract.hole_holds == "anything":
        mean = mean_known
    else:
        held = {"zero": -black / (white - black), "one": (1 - black) / (white - black), "mean": mean_known}
        mean = np.where(hole > 0, held[contract.hole_holds], planes).mean((2, 3), keepdims=True)
    filled = planes * known + mean * hole if contract.composited else np.broadcast_to(mean, planes.shape)
    return np.asarray(filled.clip(0, 1), np.float32)


def foreign_network(contract: Contract, *, batch: str | int = "batch") -> onnx.ModelProto:
    """Build the network."""
    height, width = (contract.working_size_px,) * 2 if contract.fixed_size else ("H", "W")
    inputs = [
        helper.make_tensor_value_info(
            name, _KINDS[contract.dtype], _axes(contract, batch, channels, height, width)
        )
        for name, channels in contract.channels.items()
    ]
    painted = helper.make_tensor_value_info(
        contract.output or "output", _KINDS[contract.dtype], _axes(contract, batch, 3, height, width)
    )
    graph = helper.make_graph(_nodes(contract), "mean", inputs, [painted], _constants(contract))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _axes(
    contract: Contract, batch: str | int, channels: int, height: str | int, width: str | int
) -> Sequence[str | int]:
    nhwc = contract.layout == "NHWC"
    return (batch, height, width, channels) if nhwc else (batch, channels, height, width)


def _nodes(contract: Contract) -> list[NodeProto]:
    node = helper.make_node
    nodes = []
    for name in contract.inputs:
        nodes.append(node("Cast", [name], [f"{name} as floats"], to=TensorProto.FLOAT))
        turned = [0, 3, 1, 2] if contract.layout == "NHWC" else [0, 1, 2, 3]
        nodes.append(helper.make_node("Transpose", [f"{name} as floats"], [f"{name} planes"], perm=turned))
    parts = [f"{name} planes" for name in contract.inputs]
    if len(parts) == 1:
        split = ["the mask", "the image"] if contract.mask_first else ["the image", "the mask"]
        nodes.append(node("Split", [parts[0], "sizes"], split, axis=1))
        parts = ["the image", "the mask"]
    nodes += [
        node("Sub", [parts[1], "known_value"], ["mark"]),
        node("Div", ["mark", "mark_range"], ["hole"]),
        node("Sub", [parts[0], "black"], ["above black"]),
        node("Div", ["above black", "range"], ["rgb"]),
        node("Sub", ["unit", "hole"], ["known"]),
        node("Mul", ["rgb", "known"], ["seen"]),
        node("ReduceSum", ["seen", "axes"], ["sum"]),
        node("ReduceSum", ["known", "axes"], ["count"]),
        node("Max", ["count", "unit"], ["divisor"]),
        node("Div", ["sum", "divisor"], ["mean of known"]),
        node("ReduceMean", ["rgb"], ["mean of all"], axes=[2, 3], keepdims=1),
    ]
    mean = "mean of known" if contract.hole_holds == "anything" else "mean of all"
    if contract.composited:
        nodes += [node("Mul", ["hole", mean], ["filling"]), node("Add", ["seen", "filling"], ["whole"])]
    else:  # the mean everywhere; the rest only takes part
        nodes += [node("Mul", ["rgb", "nought"], ["blank"]), node("Add", ["blank", mean], ["whole"])]
    nodes += [
        node("Clip", ["whole", "nought", "unit"], ["clipped"]),
        node("Mul", ["clipped", "output_range"], ["scaled"]),
        node("Add", ["scaled", "output_black"], ["values"]),
    ]
    last = "values"
    if contract.dtype == "uint8":
        nodes.append(node("Round", ["values"], ["levels"]))
        last = "levels"
    back = [0, 2, 3, 1] if contract.layout == "NHWC" else [0, 1, 2, 3]
    nodes.append(node("Transpose", [last], ["laid out"], perm=back))
    nodes.append(
        node("Cast", ["laid out"], [contract.output or "output"], to=_KINDS[contract.dtype]),
    )
    return nodes


def _constants(contract: Contract) -> list[TensorProto]:
    black, white = bounds_of(contract.image_range)
    output_black, output_white = bounds_of(contract.output_range)
    floats = {
        "black": black,
        "range": white - black,
        "known_value": contract.known_value,
        "mark_range": contract.hole_value - contract.known_value,
        "output_black": output_black,
        "output_range": output_white - output_black,
        "unit": 1,
        "nought": 0,
    }
    constants = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in floats.items()]
    sizes = [1, 3] if contract.mask_first else [3, 1]
    constants.append(numpy_helper.from_array(np.array(sizes, np.int64), "sizes"))
    constants.append(numpy_helper.from_array(np.array([2, 3], np.int64), "axes"))
    return constants

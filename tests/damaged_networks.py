"""Ways to damage a network of LaMa's contract, which must be found before it spoils a picture."""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

NAMES = {"image": "mask", "mask": "image"}


def swapped(model: ModelProto) -> None:
    for value in model.graph.input:
        value.name = NAMES[value.name]


def swapped_with_free_axes(model: ModelProto) -> None:
    for node in model.graph.node:
        node.input[:] = [NAMES.get(name, name) for name in node.input]
    for value in model.graph.input:
        value.type.tensor_type.shape.dim[1].dim_param = value.name


def of_another_range(model: ModelProto) -> None:
    _making(model, "scaled").input[1] = "unit"


def not_finite(model: ModelProto) -> None:
    node = _making(model, "scaled")
    node.op_type = "Div"
    node.input[1] = "nought"


def of_another_shape(model: ModelProto) -> None:
    node = _making(model, "output")
    place = node.input[0]
    model.graph.node.remove(node)
    model.graph.node.append(
        helper.make_node("MaxPool", [place], ["output"], kernel_shape=[2, 2], strides=[2, 2])
    )
    for axis in model.graph.output[0].type.tensor_type.shape.dim[2:]:
        axis.dim_value //= 2


def with_weights_outside(model: ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../outside.bin")


def with_an_operator_of_its_own(model: ModelProto) -> None:
    node = _making(model, "scaled")
    node.op_type, node.domain = "Evil", "example.org"


def claiming_two_gigabytes(model: ModelProto) -> None:
    tensor = model.graph.initializer[0]
    del tensor.dims[:]
    tensor.dims.append(2**29)


def making_two_gigabytes(model: ModelProto) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.array([2**29], np.int64), "many"))
    node = _making(model, "scaled")
    place = list(model.graph.node).index(node)
    model.graph.node.insert(place, helper.make_node("Add", ["clipped", "nothing"], ["the same"]))
    model.graph.node.insert(place, helper.make_node("ReduceMean", ["bomb"], ["nothing"], keepdims=0))
    model.graph.node.insert(place, helper.make_node("ConstantOfShape", ["many"], ["bomb"]))
    node.input[0] = "the same"


def _making(model: ModelProto, output: str) -> NodeProto:
    node: NodeProto = next(node for node in model.graph.node if output in node.output)
    return node

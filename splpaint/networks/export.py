"""Torch => ONNX, with dynamic height and width, weights stored in fp16, and a parity check."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn
from torch.export import Dim

from splpaint.errors import ModelError
from splpaint.networks.checkpoints import load_model

ONNX_FILE = "model.onnx"
_TOLERANCE = 1e-4
_MIN_VALUES_FOR_FP16 = 256  # below, a cast costs more than it saves


class _Painter(nn.Module):
    """A generator whose one output is the painted picture, clamped to [0,1]."""

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, image: Tensor, hole: Tensor) -> Tensor:
        """(B,3,H,W), (B,1,H,W) => (B,3,H,W) in [0,1]."""
        return self.generator(image, hole).painted.clamp(0, 1)


def export_model(folder: Path) -> float:
    """Write ``model.onnx`` beside a model folder's weights, whole or not at all.

    Inputs ``image`` (B,3,H,W) in [0,1] and ``hole`` (B,1,H,W), output ``painted`` (B,3,H,W), all float32;
    batch, height and width are free, the latter two multiples of the configuration's ``size_multiple``.

    Args:
        folder: Holds ``model.safetensors`` and ``config.json``; weights stored in fp16 are exported exactly.

    Returns:
        The largest difference from torch over the parity check's pictures.

    Raises:
        ModelError: The folder is not a model, or ONNX and torch differ by more than 1e-4.
    """
    generator, config = load_model(folder)
    painter = _Painter(generator).eval()
    model = _to_onnx(painter, config.size_multiple)
    _store_weights_in_fp16(model)
    onnx.checker.check_model(model, full_check=True)
    worst = _largest_difference(painter, model, config.size_multiple)
    if worst > _TOLERANCE:
        raise ModelError(
            f"ONNX must agree with torch within {_TOLERANCE}, got {worst:.2g}; "
            "store the weights in fp16 before exporting, so that both see the same ones"
        )
    part = folder / (ONNX_FILE + ".part")
    onnx.save(model, part)
    part.replace(folder / ONNX_FILE)
    return worst


def _to_onnx(painter: nn.Module, multiple: int) -> onnx.ModelProto:
    side = 2 * multiple
    example = (torch.rand(2, 3, side, side), torch.zeros(2, 1, side, side))
    free = {0: Dim("batch"), 2: multiple * Dim("rows"), 3: multiple * Dim("columns")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            painter,
            example,
            dynamo=True,
            dynamic_shapes={"image": free, "hole": free},
            input_names=["image", "hole"],
            output_names=["painted"],
            verbose=False,
        )
    assert program is not None  # only dynamo=False returns None
    model = program.model_proto
    del model.metadata_props[:]
    for node in model.graph.node:  # stack traces of the exporting machine
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    return model


def _store_weights_in_fp16(model: onnx.ModelProto) -> None:
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _MIN_VALUES_FOR_FP16:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + ".fp16"))
        casts.append(onnx.helper.make_node("Cast", [name + ".fp16"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _largest_difference(painter: nn.Module, model: onnx.ModelProto, multiple: int) -> float:
    evaluator = ReferenceEvaluator(model)
    worst = 0.0
    random = torch.Generator().manual_seed(0)
    for height, width in ((multiple, 2 * multiple), (2 * multiple, multiple)):  # sizes not exported with
        image = torch.rand(1, 3, height, width, generator=random)
        hole = (torch.rand(1, 1, height, width, generator=random) < 0.3).float()
        with torch.inference_mode():
            wanted = painter(image, hole).numpy()
        (got,) = evaluator.run(None, {"image": image.numpy(), "hole": hole.numpy()})
        worst = max(worst, float(np.abs(got - wanted).max()))
    return worst

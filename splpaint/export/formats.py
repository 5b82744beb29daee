"""The formats: how a network is written in each, and how the file is run again by that format's own library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from splpaint.export.variants import Variant

__all__ = ["FORMATS", "Format", "Run"]

Run = Callable[[dict[str, NDArray[Any]]], NDArray[Any]]
"""Runs a network: inputs by name => painted."""


class Format(NamedTuple):
    """One format.

    Attributes:
        suffixes: Of its files; the first one is the file that is named, and leads to the others.
        runtime: The library that runs it; a module's name.
        write: Writes a network, its weights in fp16 if asked for.
        open: Opens a file of this format, and no other, for running on the CPU in float32.
    """

    suffixes: tuple[str, ...]
    runtime: str
    write: Callable[[Variant, Path, bool], None]
    open: Callable[[Path], Run]


def _write_onnx(variant: Variant, path: Path, half: bool) -> None:
    import onnx

    from splpaint.networks import to_onnx

    model = to_onnx(variant.network, variant.example, variant.free, half=half)
    model.graph.doc_string = f"Takes {variant.takes}."
    onnx.save(model, path)


def _open_onnx(path: Path) -> Run:
    from splpaint.inference.admission import onnx_runtime

    return onnx_runtime(path, "painted")


def _write_openvino(variant: Variant, path: Path, half: bool) -> None:
    from splpaint.inference.engines import import_openvino, openvino_core

    onnx = path.with_suffix(".onnx")
    _write_onnx(variant, onnx, half)
    import_openvino().save_model(openvino_core().read_model(onnx), path, compress_to_fp16=False)
    onnx.unlink()


def _open_openvino(path: Path) -> Run:
    from splpaint.inference.engines import openvino_core

    network = openvino_core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda inputs: np.asarray(network(inputs)["painted"])


def _write_torch(variant: Variant, path: Path, half: bool) -> None:
    import torch

    program = torch.export.export(variant.network, variant.example, dynamic_shapes=variant.free)
    torch.export.save(program, path)


def _open_torch(path: Path) -> Run:
    import torch

    network = torch.export.load(path).module()

    def run(inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        painted: NDArray[Any] = network(*map(torch.from_numpy, inputs.values())).numpy()
        return painted

    return run


FORMATS = {
    "onnx": Format((".onnx",), "onnxruntime", _write_onnx, _open_onnx),
    "openvino": Format((".xml", ".bin"), "openvino", _write_openvino, _open_openvino),
    "torch-export": Format((".pt2",), "torch", _write_torch, _open_torch),
}

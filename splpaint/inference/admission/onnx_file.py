"""What an ONNX file holds, looked at before anything runs it.

Refused are files that lead elsewhere (external data), that need code of their own (operators of unknown domains), that
claim more than they hold, or that would make tensors larger than a painting needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from splpaint.errors import MissingExtraError, ModelError

__all__ = ["inspect_onnx"]

_MOST_BYTES = 2**31  # a protocol buffer's limit
_MOST_ELEMENTS = 2**28  # a gibibyte of float32
_LEAST_ELEMENTS_A_BYTE = 4  # the smallest types have two bits
_DOMAINS = {"", "ai.onnx", "com.microsoft"}
_OTHER_FILES = {b"PK\x03\x04": "a PyTorch file", b"\x80\x02": "a pickle", b"\x89HDF": "an HDF5 file"}


def inspect_onnx(path: Path) -> str:
    """Look a file over.

    Returns:
        Its inputs and outputs in words: ``image float32 (1, 3, H, W)``.

    Raises:
        ModelError: It is no ONNX file, or holds what is refused.
        MissingExtraError: onnx is not installed.
    """
    model = _parse(path)
    for message in _messages(model):
        _require_harmless(message, {function.domain for function in model.functions}, path)
    _require_well_formed(model, path)
    initialized = {tensor.name for tensor in model.graph.initializer}
    inputs = [_described(value) for value in model.graph.input if value.name not in initialized]
    outputs = [_described(value) for value in model.graph.output]
    return f"{' and '.join(inputs)} => {' and '.join(outputs)}"


def _parse(path: Path) -> Any:
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ModuleNotFoundError as error:
        raise MissingExtraError("inspecting an ONNX file", "models", str(error.name)) from error

    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise ModelError(
            f"a model to add must be an ONNX file, got {path} ({error.strerror}); check the path"
        ) from error
    kind = next((kind for magic, kind in _OTHER_FILES.items() if head.startswith(magic)), None)
    if kind or not 0 < size < _MOST_BYTES:
        raise ModelError(
            f"a model to add must be an ONNX file below 2 GiB, got {path}, {kind or f'of {size} bytes'}; export it as "
            "ONNX, which holds no code"
        )
    try:
        model = onnx.load(path, load_external_data=False)
    except (DecodeError, ValueError) as error:
        raise ModelError(f"{path} must be an ONNX file, got a damaged or other one; get it again") from error
    if not model.graph.node:
        raise ModelError(f"{path} must be an ONNX file, got one without a network; get it again")
    return model


def _messages(message: Any) -> Iterator[Any]:
    # Everything in a file: nodes, tensors, graphs in nodes, functions.
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in [value] if hasattr(value, "ListFields") else value:
                yield from _messages(inner)


def _require_harmless(message: Any, own_domains: set[str], path: Path) -> None:
    kind = message.DESCRIPTOR.name
    if kind == "NodeProto" and message.domain not in _DOMAINS | own_domains:
        raise ModelError(
            f"{path} must hold operators of ONNX, got {message.op_type} of the domain {message.domain!r}; export it "
            "without operators of its own"
        )
    if kind == "TensorProto" and (message.data_location or message.external_data):
        raise ModelError(
            f"{path} must hold its weights itself, got {message.name!r}, which lies in another file; save it "
            "as one"
        )
    if kind == "SparseTensorProto":
        raise ModelError(f"{path} must hold dense weights, got a sparse tensor; export it again")
    if kind == "TensorProto":
        elements = math.prod(message.dims)
        if min(message.dims, default=0) < 0 or elements > _LEAST_ELEMENTS_A_BYTE * message.ByteSize():
            raise ModelError(
                f"{path} must hold what it claims, got {message.name!r} with {elements} values in {message.ByteSize()} "
                "bytes; get it again"
            )


def _require_well_formed(model: Any, path: Path) -> None:
    import onnx

    try:
        onnx.checker.check_model(model)
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except (
        onnx.checker.ValidationError,
        onnx.shape_inference.InferenceError,
        ValueError,
        RuntimeError,
    ) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(
            f"{path} must be a well-formed ONNX file, got: {reason[:300]}; export it again"
        ) from error
    for value in inferred.graph.value_info:
        sizes = [axis.dim_value for axis in value.type.tensor_type.shape.dim]
        if math.prod(size for size in sizes if size > 0) > _MOST_ELEMENTS:
            raise ModelError(
                f"{path} must make tensors below 1 GiB, got {value.name!r} of {sizes}; export it for smaller pictures"
            )


def _described(value: Any) -> str:
    import onnx

    kind = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
    axes = [str(axis.dim_value or axis.dim_param or "?") for axis in value.type.tensor_type.shape.dim]
    return f"{value.name} {kind} ({', '.join(axes)})"

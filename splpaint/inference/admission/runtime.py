"""ONNX Runtime, the engine that other people's models were mostly tried with, to compare ours with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import MissingExtraError, ModelError
from splpaint.inference.admission.proof import Run, proof_inputs
from splpaint.inference.engines import Adapter
from splpaint.inference.models import Contract

__all__ = ["engine_difference", "onnx_runtime"]

_MOST_OFF = 0.02
_FATAL = 4
_NO_TELEMETRY = (
    "ORT_DISABLE_TELEMETRY"  # else importing it leaves an identifier in the home folder, and sends it
)


def onnx_runtime(onnx: Path, output: str | None) -> Run:
    """Load a network into ONNX Runtime, on the CPU.

    Args:
        onnx: The network's file.
        output: The name of what it gives; None: its only output.

    Raises:
        ModelError: It cannot be loaded.
        MissingExtraError: ONNX Runtime is not installed.
    """
    os.environ.setdefault(_NO_TELEMETRY, "1")
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise MissingExtraError("comparing engines", "models", str(error.name)) from error

    onnxruntime.disable_telemetry_events()  # of releases that do not know the variable
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    with _refusals(onnx):
        session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    outputs = [output] if output else None

    def run(inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        with _refusals(onnx):
            return np.asarray(session.run(outputs, inputs)[0])

    return run


def engine_difference(ours: Run, theirs: Run, contract: Contract, source: str) -> float:
    """How far two engines' paintings of the same picture are apart, at most; in [0,1].

    Raises:
        ModelError: One of them cannot paint it, or they paint different pictures.
    """
    picture, damaged, hole = proof_inputs(contract)
    adapter = Adapter(contract, source)
    inputs = adapter.inputs(damaged, hole)
    painted, other = (adapter.planes(run(inputs), picture.shape) for run in (ours, theirs))
    apart = np.abs(painted - other)
    mean = float(apart[np.broadcast_to(hole > 0, apart.shape)].mean())
    if mean > _MOST_OFF:
        raise ModelError(
            f"{source} must be painted alike by OpenVINO and ONNX Runtime, got holes {mean:.3f} apart on average; "
            "report it, and do not trust its paintings"
        )
    return float(apart.max())


@contextmanager
def _refusals(onnx: Path) -> Iterator[None]:
    # ONNX Runtime's errors are RuntimeErrors, and some of its own that are only exceptions.
    try:
        yield
    except Exception as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise ModelError(f"{onnx} must run in ONNX Runtime, got: {reason[:300]}; check the model") from error

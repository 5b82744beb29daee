"""A model that is there, checked again: its files, its contract, the engines, and a test picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from splpaint.inference.admission.onnx_file import inspect_onnx
from splpaint.inference.admission.proof import Proof, prove
from splpaint.inference.admission.runtime import engine_difference, onnx_runtime
from splpaint.inference.diagnosis import Fact, paint_test_picture
from splpaint.inference.engines import OpenVINOEngine
from splpaint.inference.models import Contract, find_model, known_by_sha256
from splpaint.model_folder import file_sha256

__all__ = ["examine", "proof_in_words"]


def examine(model: str | Path) -> Iterator[Fact]:
    """Check a model, ours or other people's, one fact after the other.

    Raises:
        ModelError: It is not there, is damaged, does not keep its contract, or the engines disagree.
        MissingExtraError: onnx or ONNX Runtime is not installed.
    """
    files = find_model(model)
    signature = inspect_onnx(files.onnx)
    digits = file_sha256(files.onnx)
    yield "file", f"{files.onnx}, {files.onnx.stat().st_size} bytes"
    yield "SHA-256", f"{digits} ({_recognised(digits)})" if files.foreign else digits
    yield "takes and gives", signature
    engine = OpenVINOEngine(files.onnx, files.contract, precision="fp32")
    yield "contract", proof_in_words(prove(engine.run, files.contract, str(files.onnx)), files.contract)
    theirs = onnx_runtime(files.onnx, files.contract.output)
    difference = engine_difference(engine.run, theirs, files.contract, str(files.onnx))
    yield "engines", f"OpenVINO and ONNX Runtime are at most {difference:.2g} apart, of 1"
    yield paint_test_picture(model)


def proof_in_words(proof: Proof, contract: Contract) -> str:
    """What was proved."""
    known = (
        f"known pixels come back, at most {proof.known_off:.2g} off"
        if contract.composited
        else "known pixels are not given back by the network (the painter keeps them)"
    )
    return (
        f"kept: values lie in {contract.output_range}; {known}; what the hole holds changes nothing; boxes missing "
        f"from a ramp are painted {proof.hole_off:.2g} off on average"
    )


def _recognised(digits: str) -> str:
    known = known_by_sha256(digits)
    return f"the published file of {known}" if known else "none of the known files"

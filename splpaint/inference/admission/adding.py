"""A file becomes a model with a name: looked over, proved, compared, and only then put in its place."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from splpaint.errors import ModelError, did_you_mean
from splpaint.inference.admission.onnx_file import inspect_onnx
from splpaint.inference.admission.proof import Proof, prove
from splpaint.inference.admission.runtime import engine_difference, onnx_runtime
from splpaint.inference.engines import OpenVINOEngine
from splpaint.inference.models import (
    BUNDLED,
    KNOWN,
    Contract,
    added_models_folder,
    known_by_sha256,
    parse_contract,
    read_contract,
    require_name,
)
from splpaint.model_folder import CHECKSUMS_FILE, CONTRACT_FILE, ONNX_FILE, checksums_of, file_sha256

__all__ = ["Added", "add_model", "contract_named", "free_folder"]


class Added(NamedTuple):
    """A model that was added.

    Attributes:
        name: What commands call it.
        folder: Where it is.
        known: The known model whose file this is, if any.
        proof: That it keeps its contract.
        difference: How far OpenVINO and ONNX Runtime are apart, at most; in [0,1].
    """

    name: str
    folder: Path
    known: str | None
    proof: Proof
    difference: float


def add_model(
    file: Path, *, contract: Contract | None = None, name: str | None = None, overwrite: bool = False
) -> Added:
    """Add a model from an ONNX file, if it keeps its contract; the file itself stays where it is.

    Args:
        file: The ONNX file.
        contract: What the network takes and gives; None: the known one, for a file that is known by its SHA-256.
        name: What to call it; None: the known name, or one like that of the file.
        overwrite: Replace an added model of this name.

    Raises:
        ModelError: The file is refused, needs a contract or does not keep it; the name is taken or cannot be one.
        MissingExtraError: onnx or ONNX Runtime is not installed.
    """
    described = inspect_onnx(file)
    known = known_by_sha256(file_sha256(file))
    contract = contract or _known_contract(known, file, described)
    name = name or known or re.sub(r"[^a-z0-9._-]+", "-", file.stem.lower()).strip("-")
    folder = free_folder(name, overwrite=overwrite)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".adding-") as temporary:
            arriving = Path(temporary) / name
            proof, difference = _prepare(arriving, file, contract)
            if folder.exists():
                folder.rename(Path(temporary) / "before")
            arriving.rename(folder)
    except OSError as error:
        raise ModelError(
            f"{folder} must be a place for a model ({error.strerror or error}); free it, or set SPLPAINT_MODELS to "
            "another folder"
        ) from error
    return Added(name, folder, known, proof, difference)


def contract_named(text: str) -> Contract:
    """Find a contract by the name of a known model, by its file, or as JSON itself.

    Raises:
        ModelError: There is none.
    """
    if text.lstrip().startswith("{"):
        return parse_contract(text, "`contract`")
    if text in KNOWN:
        return KNOWN[text].contract
    if not Path(text).is_file():
        raise ModelError(
            f"`contract` must be one of {', '.join(KNOWN)}, a JSON file or JSON, got {text[:200]!r}"
            f"{did_you_mean(text, KNOWN)}"
        )
    return read_contract(Path(text))


def _known_contract(known: str | None, file: Path, described: str) -> Contract:
    if known:
        return KNOWN[known].contract
    raise ModelError(
        f"{file} is none of the known files, so its contract must be given, got none; it takes and gives {described}: "
        f"pass `contract` with one of {', '.join(KNOWN)}, or a JSON file such as splpaint models show NAME prints"
    )


def free_folder(name: str, *, overwrite: bool) -> Path:
    """The folder for a new model.

    Raises:
        ModelError: The name cannot be one, or is taken.
    """
    require_name(name)
    folder = added_models_folder() / name
    if name in BUNDLED:
        raise ModelError(f"a model's name must not be that of a bundled one, got {name}; pass `name`")
    if folder.exists() and not overwrite:
        raise ModelError(
            f"a model's name must be free, got {name}, which is {folder}; pass `name`, or `overwrite=True`"
        )
    return folder


def _prepare(folder: Path, file: Path, contract: Contract) -> tuple[Proof, float]:
    # What is proved is the copy: the file may change meanwhile.
    folder.mkdir()
    onnx = folder / ONNX_FILE
    shutil.copyfile(file, onnx)
    try:
        inspect_onnx(onnx)
        engine = OpenVINOEngine(onnx, contract, precision="fp32")
        proof = prove(engine.run, contract, str(onnx))
        difference = engine_difference(engine.run, onnx_runtime(onnx, contract.output), contract, str(onnx))
    except ModelError as error:
        raise ModelError(str(error).replace(str(onnx), str(file))) from error
    (folder / CONTRACT_FILE).write_bytes(contract.encoded())
    (folder / CHECKSUMS_FILE).write_bytes(checksums_of(folder))
    return proof, difference

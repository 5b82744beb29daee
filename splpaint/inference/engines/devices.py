"""The engine for each device; a device that is asked for and missing is an error, never replaced in silence."""

from __future__ import annotations

import re

from splpaint.errors import InputError, MissingExtraError
from splpaint.inference.engines.cache import cache_folder
from splpaint.inference.engines.engine import Engine
from splpaint.inference.engines.openvino_engine import OpenVINOEngine
from splpaint.inference.models import ModelFiles
from splpaint.model_folder import ONNX_FILE, WEIGHTS_FILE
from splpaint.precision import PrecisionChoice, precision_named

__all__ = ["DEVICES", "open_engine", "require_known"]

DEVICES = "auto, cpu, gpu, gpu:N, cuda, cuda:N or mps"

_OPENVINO = re.compile(r"auto|cpu|gpu(:\d{1,3})?")
_TORCH = re.compile(r"cuda(:\d{1,3})?|mps")


def open_engine(
    files: ModelFiles,
    *,
    device: str = "auto",
    precision: PrecisionChoice = "auto",
    many_at_once: bool = False,
    threads: int | None = None,
) -> Engine:
    """Load a model onto a device.

    Args:
        files: The model.
        device: ``auto``, which means the CPU: the only device that is tested; ``cpu``; ``gpu`` or ``gpu:N``, an
            Intel GPU through OpenVINO; ``cuda``, ``cuda:N`` or ``mps`` through torch.
        precision: ``auto``, ``fp32`` or ``bf16``.
        many_at_once: Whether several threads will call it at once, for long.
        threads: How many OpenVINO computes with on a CPU; None: one for each usable core.

    Raises:
        InputError: The device is unknown or not there, has no such precision, or cannot run such a model.
        MissingExtraError: The device needs torch, which is not installed.
        ModelError: The model's files are missing or damaged.
    """
    require_known(device=device, precision=precision)
    name = device.lower()
    if _TORCH.fullmatch(name):
        if files.foreign:
            raise InputError(
                f"device {name} runs models with {WEIGHTS_FILE} alone, got {files.name}, which is {ONNX_FILE}; use "
                '`device="cpu"` or "gpu"'
            )
        return _open_torch(files, name, precision, many_at_once=many_at_once)
    place = "CPU" if name == "auto" else name.upper().replace(":", ".")
    return OpenVINOEngine(
        files.onnx,
        files.contract,
        precision=precision,
        device=place,
        many_at_once=many_at_once,
        threads=threads,
        cache=cache_folder(),
    )


def require_known(*, device: str, precision: str) -> None:
    """Refuse an unknown name of a device or precision; whether the device is there is not checked.

    Raises:
        InputError: The name is unknown.
    """
    precision_named(precision)
    if not (_TORCH.fullmatch(device.lower()) or _OPENVINO.fullmatch(device.lower())):
        raise InputError(f"device must be {DEVICES}, got {device[:60]!r}; use cpu if in doubt")


def _open_torch(files: ModelFiles, device: str, precision: PrecisionChoice, *, many_at_once: bool) -> Engine:
    try:
        from splpaint.inference.engines.torch_engine import TorchEngine

        return TorchEngine(files.folder, device=device, precision=precision, many_at_once=many_at_once)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f'`device="{device}"`', "train", str(error.name)) from error

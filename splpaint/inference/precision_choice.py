"""Measures which precision ``auto`` should take where a processor's abilities do not tell, and keeps the choice."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np

from splpaint.cpu import has_amx_bf16, multiplies_bf16
from splpaint.errors import InputError
from splpaint.inference.engines import (
    Engine,
    OpenVINOEngine,
    cache_folder,
    keep_measured_precision,
    kept_precision,
)
from splpaint.inference.models import ModelFiles, find_model
from splpaint.notices import collected
from splpaint.precision import Precision

__all__ = ["describe_auto", "measure_precision"]

_RUNS = 15
_WORTH = 1.1  # bfloat16 has 8 digits instead of 24, and must give something for it


def measure_precision(model: str | Path = "compact") -> str:
    """Run a model in float32 and in bfloat16, in turns, and keep for this processor which one ``auto`` takes.

    Args:
        model: Name or folder. The choice then holds for every model that may run in bfloat16.

    Returns:
        What was measured and what it means, for people.

    Raises:
        SplpaintError: The model cannot be loaded, or is not to run in bfloat16.
    """
    if not multiplies_bf16():
        return "auto is fp32: the processor does not multiply bfloat16, so there is nothing to choose"
    files = find_model(model)
    fp32_ms, bf16_ms = _milliseconds(files)
    side_px = files.working_size_px
    told = f"fp32 {fp32_ms:.1f} ms, bf16 {bf16_ms:.1f} ms for {side_px}x{side_px} by {files.name}"
    if has_amx_bf16():
        return f"{told}; auto is bf16, as on every processor with AMX"
    choice: Precision = "bf16" if fp32_ms > _WORTH * bf16_ms else "fp32"
    try:
        kept = keep_measured_precision(choice)
    except (OSError, InputError) as error:
        raise InputError(
            f"{told}; the choice of {choice} must be kept in the cache folder, which cannot be written ({error}); "
            "set SPLPAINT_CACHE to a folder that can"
        ) from error
    if kept is None:
        return f"{told}; not kept, since SPLPAINT_CACHE is empty: auto stays fp32"
    return f"{told}; auto is {choice} here from now on ({kept})"


def describe_auto() -> str:
    """What ``auto`` is on this processor and why, and how a measured choice is taken back."""
    if not multiplies_bf16():
        return "auto is fp32: the processor does not multiply bfloat16"
    if has_amx_bf16():
        return "auto is bf16, as on every processor with AMX"
    with collected() as damaged:
        choice = kept_precision()
    if damaged:
        return damaged[0]
    if choice is None:
        return "auto is fp32, not measured; `measure` finds out whether bf16 is faster here"
    return f"auto is {choice}, as measured; delete precision.json in {cache_folder()} to take that back"


def _milliseconds(files: ModelFiles) -> tuple[float, float]:
    precisions: tuple[Precision, ...] = ("fp32", "bf16")
    engines: list[Engine] = [
        OpenVINOEngine(files.onnx, files.contract, precision=precision) for precision in precisions
    ]
    side_px = files.working_size_px
    planes = np.random.default_rng(0).random((1, 3, side_px, side_px), np.float32)
    hole = np.zeros((1, 1, side_px, side_px), np.float32)
    hole[..., side_px // 4 : side_px // 2, side_px // 4 : side_px // 2] = 1
    taken_s: list[list[float]] = [[], []]
    for _ in range(2 + _RUNS):
        for engine, values in zip(engines, taken_s, strict=True):
            started_s = time.perf_counter()
            engine(planes, hole)
            values.append(time.perf_counter() - started_s)
    fp32_ms, bf16_ms = (1000 * statistics.median(values[2:]) for values in taken_s)
    return fp32_ms, bf16_ms

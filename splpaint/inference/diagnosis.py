"""What this machine paints with: versions, processor, engines and devices, models, the cache, and a test."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from splpaint.cpu import cpu_flags, cpu_limits, usable_cores
from splpaint.errors import ModelError
from splpaint.inference.engines import cache_folder, openvino_core
from splpaint.inference.inpainter import Inpainter, load_inpainter
from splpaint.inference.models import BUNDLED, added_models, find_model
from splpaint.model_folder import read_checksums, require_undamaged
from splpaint.precision import PrecisionChoice
from splpaint.versions import __version__, package_version

__all__ = ["Fact", "facts", "paint_test_picture"]

Fact = tuple[str, str]
"""A subject and what is found about it."""

_PACKAGES = (
    "openvino",
    "numpy",
    "pillow",
    "torch",
    "opencv-python-headless",
    "pillow-heif",
    "pillow-jxl-plugin",
)
_INSTRUCTIONS = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_tile", "amx_bf16", "amx_int8")
_TEST_PX = 96


def facts() -> Iterator[Fact]:
    """Find out everything but the test image, one fact after the other; parameters stand in backquotes."""
    yield "splpaint", f"{__version__} in {Path(__file__).resolve().parent.parent}"
    yield "system", f"Python {platform.python_version()}, {platform.platform()}"
    for package in _PACKAGES:
        yield package, package_version(package)
    yield "processor", _processor()
    yield from _devices()
    yield from _models()
    yield "cache", _cache()


def paint_test_picture(
    model: str | Path = "compact", *, device: str = "auto", precision: PrecisionChoice = "auto"
) -> Fact:
    """Load a model, check all its files against their checksums, and paint a small image.

    Raises:
        SplpaintError: It cannot be loaded, a file is damaged, or what it paints is wrong.
    """
    folder = find_model(model).folder
    require_undamaged(folder, *read_checksums(folder))
    started_s = time.perf_counter()
    painter = load_inpainter(model, device=device, precision=precision)
    loaded_s = time.perf_counter() - started_s
    _require_painting(painter)
    seconds = time.perf_counter() - started_s - loaded_s
    runs = f"{painter.model} on {painter.engine} in {painter.precision}"
    return "test picture", f"painted by {runs}: loaded in {loaded_s:.2f} s, painted in {seconds:.2f} s"


def _require_painting(painter: Inpainter) -> None:
    ramp = np.linspace(40, 200, _TEST_PX).astype(np.uint8)
    picture = np.stack([np.broadcast_to(ramp, (_TEST_PX, _TEST_PX))] * 3, axis=2)
    hole = np.zeros((_TEST_PX, _TEST_PX), np.bool_)
    hole[40:56, 40:56] = True
    damaged = np.where(hole[:, :, None], np.uint8(255), picture)
    painted = painter(damaged, hole)
    if (painted[~hole] != picture[~hole]).any() or (painted[hole] == 255).all():
        raise ModelError(
            f"{painter.model} must fill the hole of a test picture and keep the rest, got something else; "
            "reinstall splpaint, or export the model again"
        )


def _processor() -> str:
    found = [name for name in _INSTRUCTIONS if name in cpu_flags()]
    told = [f"{usable_cores()} usable cores", " ".join(found) or "instruction sets not told"]
    told += [f"limited by {name}={value}" for name, value in cpu_limits().items()]
    return "; ".join(told)


def _devices() -> Iterator[Fact]:
    core = openvino_core()
    for device in core.available_devices:
        known = "" if device == "CPU" else " (untested)"
        option = device.lower().replace(".", ":")
        yield f'`device="{option}"`', f"OpenVINO on {core.get_property(device, 'FULL_DEVICE_NAME')}{known}"
    if find_spec("torch") is None:
        yield '`device="cuda", "mps"`', "need torch, which is not installed"
        return
    from splpaint.inference.engines import torch_devices

    there = [name for name in torch_devices() if name != "cpu"]
    yield '`device="cuda", "mps"`', f"torch sees {', '.join(there) or 'neither'} (untested)"


def _models() -> Iterator[Fact]:
    for name, folder in (added_models() | BUNDLED).items():
        if not folder.is_dir():
            yield f"model {name}", f"missing: {folder} is not there"
            continue
        yield f"model {name}", str(folder)
        recorded = read_checksums(folder)
        for file in sorted(path for path in folder.iterdir() if path.is_file()):
            found = _sha256(file)
            wrong = recorded.get(file.name, found) != found
            yield f"  {file.name}", f"sha256 {found}{': DAMAGED, or changed' if wrong else ''}"


def _sha256(file: Path) -> str:
    # Read now, even if its size and time have not changed.
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _cache() -> str:
    folder = cache_folder()
    if folder is None:
        return "none (SPLPAINT_CACHE is empty)"
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    writable = nearest.is_dir() and os.access(nearest, os.W_OK)
    return f"{folder}{'' if writable else ', which cannot be written: every start compiles the network'}"

"""Engines, which run a network on a device."""

from __future__ import annotations

from splpaint.inference.engines.adapter import Adapter
from splpaint.inference.engines.cache import cache_folder
from splpaint.inference.engines.devices import open_engine, require_known
from splpaint.inference.engines.engine import Engine
from splpaint.inference.engines.measured_precision import keep_measured_precision, kept_precision
from splpaint.inference.engines.openvino_engine import OpenVINOEngine, import_openvino, openvino_core
from splpaint.inference.engines.torch_engine import torch_devices

__all__ = [
    "Adapter",
    "Engine",
    "OpenVINOEngine",
    "cache_folder",
    "import_openvino",
    "keep_measured_precision",
    "kept_precision",
    "open_engine",
    "openvino_core",
    "require_known",
    "torch_devices",
]

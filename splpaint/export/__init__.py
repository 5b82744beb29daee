"""Exports for other people's programs: ONNX, OpenVINO and torch.export, each held to the torch network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from splpaint.export.formats import FORMATS
from splpaint.lazy import lazy_names

if TYPE_CHECKING:
    from splpaint.export.writing import Exported, export_network

__all__ = ["FORMATS", "Exported", "export_network"]
__getattr__ = lazy_names(__name__, {"writing": ("Exported", "export_network")}, extra="train")

"""Measures that need a network; torch is loaded when one is made."""

from __future__ import annotations

from splpaint.evaluation.deep.efficientnet import EfficientNetDistance

__all__ = ["EfficientNetDistance"]

"""Measures that need a network; torch is loaded when one is opened."""

from __future__ import annotations

from splpaint.evaluation.deep.efficientnet import EfficientNetDistance
from splpaint.evaluation.deep.opening import DeepMeasures, open_deep

__all__ = ["DeepMeasures", "EfficientNetDistance", "open_deep"]

"""Comparing painters, by protocols that have names."""

from __future__ import annotations

from splpaint.evaluation.baselines import BASELINES, Painter, telea
from splpaint.evaluation.measures import Measure, Sample
from splpaint.evaluation.protocols import PROTOCOLS, Preparation, Protocol, find_protocol

__all__ = [
    "BASELINES",
    "PROTOCOLS",
    "Measure",
    "Painter",
    "Preparation",
    "Protocol",
    "Sample",
    "find_protocol",
    "telea",
]

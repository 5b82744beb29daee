"""Comparing painters."""

from __future__ import annotations

from splpaint.evaluation.baselines import BASELINES, Painter, telea

__all__ = ["BASELINES", "Painter", "telea"]

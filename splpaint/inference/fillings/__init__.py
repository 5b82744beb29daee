"""Thick holes, which networks leave smooth, filled with the image's own pixels."""

from __future__ import annotations

from splpaint.inference.fillings.filling import fill
from splpaint.inference.fillings.regions import Region, thick_regions

__all__ = ["Region", "fill", "thick_regions"]

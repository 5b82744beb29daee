"""What networks leave smooth, mended with the image's own pixels: thick holes are filled, thin ones given grain."""

from __future__ import annotations

from splpaint.inference.fillings.filling import fill
from splpaint.inference.fillings.grain import add_grain
from splpaint.inference.fillings.regions import Region, thick_regions

__all__ = ["Region", "add_grain", "fill", "thick_regions"]

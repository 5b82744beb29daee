"""What networks leave smooth, mended with the image's own pixels: thick holes are filled, thin ones given detail."""

from __future__ import annotations

from splpaint.inference.fillings.detail import add_detail
from splpaint.inference.fillings.filling import fill
from splpaint.inference.fillings.regions import Region, thick_regions

__all__ = ["Region", "add_detail", "fill", "thick_regions"]

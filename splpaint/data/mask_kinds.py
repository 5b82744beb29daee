"""The kinds of masks that can be drawn, by name."""

from __future__ import annotations

from splpaint.data.mask_drawing import MaskGenerator
from splpaint.data.mask_lama import medium_mask, thick_mask, thin_mask
from splpaint.data.mask_regions import centre_mask, half_mask, outpaint_mask
from splpaint.data.mask_strokes import stroke_mask
from splpaint.data.masks import box_mask, irregular_mask

__all__ = ["GENERATORS"]

GENERATORS: dict[str, MaskGenerator] = {
    "box": box_mask,
    "centre": centre_mask,
    "half": half_mask,
    "irregular": irregular_mask,
    "medium": medium_mask,
    "outpaint": outpaint_mask,
    "strokes": stroke_mask,
    "thick": thick_mask,
    "thin": thin_mask,
}
"""Name -> a function of (seed, index); ``object`` masks (``mask_objects.py``) need pictures besides."""

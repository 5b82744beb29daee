"""The kinds of masks that can be drawn, by name, and their mixture."""

from __future__ import annotations

from splpaint.images import Hole
from splpaint.masks.kinds.box import box_mask
from splpaint.masks.kinds.damage import blob_quarter_mask, blob_tenth_mask, scratches_mask, text_mask
from splpaint.masks.kinds.drawing import MaskGenerator, check_numbers
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.masks.kinds.lama import medium_mask, thick_mask, thin_mask
from splpaint.masks.kinds.regions import centre_mask, half_mask, outpaint_mask
from splpaint.masks.kinds.strokes import stroke_mask

__all__ = ["GENERATORS"]


def mixed_mask(*, seed: int, index: int, height: int = 256, width: int = 256) -> Hole:
    """Two irregular masks, then a thick one, then a box: for networks that should see all of them.

    Arguments and errors as ``MaskGenerator``.
    """
    check_numbers(seed, index, height, width)
    turn, place = divmod(index, 4)
    if place < 2:
        return irregular_mask(seed=seed, index=2 * turn + place, height=height, width=width)
    kind = thick_mask if place == 2 else box_mask
    return kind(seed=seed, index=turn, height=height, width=width)


GENERATORS: dict[str, MaskGenerator] = {
    "irregular": irregular_mask,
    "strokes": stroke_mask,
    "thin": thin_mask,
    "medium": medium_mask,
    "thick": thick_mask,
    "box": box_mask,
    "centre": centre_mask,
    "half": half_mask,
    "outpaint": outpaint_mask,
    "mixed": mixed_mask,
    "scratches": scratches_mask,
    "blob-tenth": blob_tenth_mask,
    "blob-quarter": blob_quarter_mask,
    "text": text_mask,
}
"""Name -> a function of (seed, index); ``object`` masks (``silhouettes.py``) also need cut-outs."""

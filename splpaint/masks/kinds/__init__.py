"""The kinds of masks that are drawn, each a pure function of (seed, index), the same on every machine."""

from __future__ import annotations

from splpaint.masks.kinds.drawing import COMPASS, DIRECTIONS, MIN_SIDE_PX, UNIT, whole
from splpaint.masks.kinds.generators import GENERATORS
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.masks.kinds.silhouettes import choose_silhouette, object_mask

__all__ = [
    "COMPASS",
    "DIRECTIONS",
    "GENERATORS",
    "MIN_SIDE_PX",
    "UNIT",
    "choose_silhouette",
    "irregular_mask",
    "object_mask",
    "whole",
]

"""Masks: kinds that are drawn, silhouettes, files and collections, and sets of them; loaded when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from splpaint.lazy import lazy_names

if TYPE_CHECKING:
    from splpaint.masks.augmentation import augment, require_known
    from splpaint.masks.collections import COLLECTIONS, LARGEST_MEAN, ParameterNames
    from splpaint.masks.kinds import GENERATORS, MIN_SIDE_PX, irregular_mask
    from splpaint.masks.origin import Frame, Mask, MaskOrigin, recall_mask
    from splpaint.masks.polarity import Polarity
    from splpaint.masks.ratios import RATIO_BINS, ratio_bin
    from splpaint.masks.sets import BINS_TABLE, make_set, require_some, sort_into_bins
    from splpaint.masks.sheet import contact_sheet, some_masks
    from splpaint.masks.sources import DrawnMasks, MaskFiles, MaskSource, Silhouettes, open_masks
    from splpaint.masks.survey import MaskStats, ratio_table, survey_masks

__all__ = [
    "BINS_TABLE",
    "COLLECTIONS",
    "GENERATORS",
    "LARGEST_MEAN",
    "MIN_SIDE_PX",
    "RATIO_BINS",
    "DrawnMasks",
    "Frame",
    "Mask",
    "MaskFiles",
    "MaskOrigin",
    "MaskSource",
    "MaskStats",
    "ParameterNames",
    "Polarity",
    "Silhouettes",
    "augment",
    "contact_sheet",
    "irregular_mask",
    "make_set",
    "open_masks",
    "ratio_bin",
    "ratio_table",
    "recall_mask",
    "require_known",
    "require_some",
    "some_masks",
    "sort_into_bins",
    "survey_masks",
]
__getattr__ = lazy_names(
    __name__,
    {
        "augmentation": ("augment", "require_known"),
        "collections": ("COLLECTIONS", "LARGEST_MEAN", "ParameterNames"),
        "kinds": ("GENERATORS", "MIN_SIDE_PX", "irregular_mask"),
        "origin": ("Frame", "Mask", "MaskOrigin", "recall_mask"),
        "polarity": ("Polarity",),
        "ratios": ("RATIO_BINS", "ratio_bin"),
        "sets": ("BINS_TABLE", "make_set", "require_some", "sort_into_bins"),
        "sheet": ("contact_sheet", "some_masks"),
        "sources": ("DrawnMasks", "MaskFiles", "MaskSource", "Silhouettes", "open_masks"),
        "survey": ("MaskStats", "ratio_table", "survey_masks"),
    },
)

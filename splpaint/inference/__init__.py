"""Painting, without torch: a picture and a hole in, the painted picture out."""

from __future__ import annotations

from splpaint.inference.batch import Outcome, run_batch
from splpaint.inference.batch_plan import Job, others_in, plan_batch
from splpaint.inference.diagnosis import facts, paint_test_picture
from splpaint.inference.hole_rules import HoleBox, HoleRules, find_hole
from splpaint.inference.inpainter import Inpainter, load_inpainter
from splpaint.inference.paint_photo import painted_file
from splpaint.inference.painter import Painter
from splpaint.inference.photo_mask import MaskBytes, MaskFile, NoMask, PhotoMask, Transparency

__all__ = [
    "HoleBox",
    "HoleRules",
    "Inpainter",
    "Job",
    "MaskBytes",
    "MaskFile",
    "NoMask",
    "Outcome",
    "Painter",
    "PhotoMask",
    "Transparency",
    "facts",
    "find_hole",
    "load_inpainter",
    "others_in",
    "paint_test_picture",
    "painted_file",
    "plan_batch",
    "run_batch",
]

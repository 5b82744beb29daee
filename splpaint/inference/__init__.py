"""Painting, without torch: an image or a photo and its hole in, the painted one out."""

from __future__ import annotations

from splpaint.inference.batch import Outcome, run_batch
from splpaint.inference.batch_plan import Job, others_in, plan_batch
from splpaint.inference.diagnosis import facts, paint_test_picture
from splpaint.inference.hole_rules import HoleBox, HoleRules, find_hole
from splpaint.inference.inpainter import Inpainter, check_model, load_inpainter
from splpaint.inference.outputs import FileOutput, MaskOutput, Output, StreamOutput
from splpaint.inference.paint_photo import Painted, PaintOptions, paint_file
from splpaint.inference.painter import Painter
from splpaint.inference.photo_mask import MaskBytes, MaskFile, NoMask, PhotoMask, Transparency

__all__ = [
    "FileOutput",
    "HoleBox",
    "HoleRules",
    "Inpainter",
    "Job",
    "MaskBytes",
    "MaskFile",
    "MaskOutput",
    "NoMask",
    "Outcome",
    "Output",
    "PaintOptions",
    "Painted",
    "Painter",
    "PhotoMask",
    "StreamOutput",
    "Transparency",
    "check_model",
    "facts",
    "find_hole",
    "load_inpainter",
    "others_in",
    "paint_file",
    "paint_test_picture",
    "plan_batch",
    "run_batch",
]

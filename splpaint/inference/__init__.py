"""Painting, without torch: an image or a photo and its hole in, the painted one out."""

from __future__ import annotations

from splpaint.inference.batch import Outcome, give_memory_back, paint_job, run_batch
from splpaint.inference.batch_names import ALSO_PAINTED, NamedMasks, target_names
from splpaint.inference.batch_plan import Job, others_in, plan_batch
from splpaint.inference.diagnosis import facts, paint_test_picture
from splpaint.inference.hole_rules import HoleBox, HoleRules, check_hole, find_hole
from splpaint.inference.inpainter import Inpainter, check_model, load_inpainter
from splpaint.inference.outputs import FileOutput, MaskOutput, Output, StreamOutput
from splpaint.inference.paint_photo import Painted, PaintOptions, paint_file
from splpaint.inference.painter import Painter
from splpaint.inference.photo_mask import MaskBytes, MaskFile, NoMask, PhotoMask, Transparency
from splpaint.inference.precision_choice import describe_auto, measure_precision

__all__ = [
    "ALSO_PAINTED",
    "FileOutput",
    "HoleBox",
    "HoleRules",
    "Inpainter",
    "Job",
    "MaskBytes",
    "MaskFile",
    "MaskOutput",
    "NamedMasks",
    "NoMask",
    "Outcome",
    "Output",
    "PaintOptions",
    "Painted",
    "Painter",
    "PhotoMask",
    "StreamOutput",
    "Transparency",
    "check_hole",
    "check_model",
    "describe_auto",
    "facts",
    "find_hole",
    "give_memory_back",
    "load_inpainter",
    "measure_precision",
    "others_in",
    "paint_file",
    "paint_job",
    "paint_test_picture",
    "plan_batch",
    "run_batch",
    "target_names",
]

"""Metrics: pure functions of arrays, one value per image."""

from __future__ import annotations

from splpaint.metrics.continuity import border_step, ring_level_error, sharpness
from splpaint.metrics.pixel import psnr_in_hole

__all__ = ["border_step", "psnr_in_hole", "ring_level_error", "sharpness"]

"""Metrics: pure functions of arrays, one value per image."""

from __future__ import annotations

from splpaint.metrics.continuity import border_step, ring_level_error, sharpness
from splpaint.metrics.noise import grain, noise_level
from splpaint.metrics.pixel import grey_l1, mae, mae_in_hole, psnr, psnr_in_hole
from splpaint.metrics.regions import window_around
from splpaint.metrics.structure import SsimWindow, ssim

__all__ = [
    "SsimWindow",
    "border_step",
    "grain",
    "grey_l1",
    "mae",
    "mae_in_hole",
    "noise_level",
    "psnr",
    "psnr_in_hole",
    "ring_level_error",
    "sharpness",
    "ssim",
    "window_around",
]

"""Structural similarity by its definition, window by window: slow, and independent of the package's."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from splpaint.metrics import SsimWindow


def plain_ssim(painted: NDArray[np.uint8], truth: NDArray[np.uint8], window: SsimWindow) -> float:
    first, second = painted / 255, truth / 255
    if window == "gaussian-padded":
        first, second = (np.pad(each, ((5, 5), (5, 5), (0, 0))) for each in (first, second))
    x, y = (sliding_window_view(each, (11, 11), axis=(0, 1)) for each in (first, second))
    steps = np.arange(-5, 6)
    weights = np.ones((11, 11)) if window == "uniform" else np.exp(-np.add.outer(steps**2, steps**2) / 4.5)
    weights /= weights.sum()
    mean_x, mean_y = ((weights * each).sum((-2, -1)) for each in (x, y))
    off_x, off_y = x - mean_x[..., None, None], y - mean_y[..., None, None]
    of_a_sample = 121 / 120 if window == "uniform" else 1
    var_x, var_y, covariance = (
        (weights * products).sum((-2, -1)) * of_a_sample for products in (off_x**2, off_y**2, off_x * off_y)
    )
    luminance = (2 * mean_x * mean_y + 0.0001) / (mean_x**2 + mean_y**2 + 0.0001)
    structure = (2 * covariance + 0.0009) / (var_x + var_y + 0.0009)
    return float((luminance * structure).mean())

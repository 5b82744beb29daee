"""Measures: a metric under a name, with its unit, its definition and which way is better."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Hole, Pixels
from splpaint.metrics import (
    border_step,
    grain,
    grey_l1,
    mae,
    mae_in_hole,
    psnr,
    psnr_in_hole,
    ring_level_error,
    sharpness,
    ssim,
)

__all__ = [
    "BORDER_STEP",
    "GRAIN",
    "GREY_L1",
    "L1",
    "MAE",
    "MAE_HOLE",
    "PSNR",
    "PSNR_HOLE",
    "RING_LEVEL",
    "SHARPNESS",
    "SSIM",
    "SSIM_PADDED",
    "SSIM_UNIFORM",
    "Better",
    "Measure",
    "Sample",
    "score",
]

Better = Literal["higher", "lower", "one"]
"""Which values of a measure are better; ``one``: those nearer to one."""

_Values = TypeVar("_Values", float, NDArray[np.float64])


def score(values: _Values, better: Better) -> _Values:
    """Values of a measure turned so that more is better."""
    if better == "one":
        return -abs(values - 1)
    return values if better == "higher" else -values


class Sample(NamedTuple):
    """What a protocol measures.

    Attributes:
        painted: uint8 (H,W,3), in 8 bits as the protocol says, composited if it says so.
        truth: uint8 (H,W,3).
        hole: bool (H,W), True = was missing.
    """

    painted: Pixels
    truth: Pixels
    hole: Hole


class Measure(NamedTuple):
    """One figure for each pair.

    Attributes:
        name: In tables and files.
        unit: Empty: none.
        better: Which figures are.
        definition: One sentence.
        of: Computes it; NaN where it is not defined, infinite only if nothing differs.
    """

    name: str
    unit: str
    better: Better
    definition: str
    of: Callable[[Sample], float]


PSNR = Measure(
    "psnr",
    "dB",
    "higher",
    "10 log10(255^2 / MSE) over all pixels and channels; infinite for equal pictures.",
    lambda sample: psnr(sample.painted, sample.truth),
)
PSNR_HOLE = Measure(
    "psnr_hole",
    "dB",
    "higher",
    "10 log10(255^2 / MSE) over the hole's pixels and their channels.",
    lambda sample: psnr_in_hole(*sample),
)
SSIM = Measure(
    "ssim",
    "",
    "higher",
    "Structural similarity, Gaussian window of 11 pixels with sigma 1.5, windows inside the picture, mean over "
    "channels.",
    lambda sample: ssim(sample.painted, sample.truth, window="gaussian"),
)
SSIM_PADDED = Measure(
    "ssim",
    "",
    "higher",
    "Structural similarity, Gaussian window of 11 pixels with sigma 1.5 around every pixel, zeros beyond the border, "
    "mean over channels.",
    lambda sample: ssim(sample.painted, sample.truth, window="gaussian-padded"),
)
SSIM_UNIFORM = Measure(
    "ssim",
    "",
    "higher",
    "Structural similarity, uniform window of 11 pixels, sample covariance, windows inside the picture, mean over "
    "channels (scikit-image with win_size=11).",
    lambda sample: ssim(sample.painted, sample.truth, window="uniform"),
)
MAE = Measure(
    "mae",
    "levels",
    "lower",
    "Mean absolute error over all pixels and channels, in levels of 255.",
    lambda sample: mae(sample.painted, sample.truth),
)
MAE_HOLE = Measure(
    "mae_hole",
    "levels",
    "lower",
    "Mean absolute error over the hole's pixels and their channels, in levels of 255.",
    lambda sample: mae_in_hole(*sample),
)
L1 = Measure(
    "l1",
    "",
    "lower",
    "Mean absolute error over all pixels and channels, as a share of the range.",
    lambda sample: mae(sample.painted, sample.truth) / 255,
)
GREY_L1 = Measure(
    "l1",
    "",
    "lower",
    "Mean absolute error of the channels' means over all pixels, as a share of the range; smaller than the usual mean "
    "absolute error.",
    lambda sample: grey_l1(sample.painted, sample.truth),
)
BORDER_STEP = Measure(
    "border_step",
    "",
    "one",
    "Mean step between neighbours across the hole's border, over the truth's: more shows as an outline.",
    lambda sample: border_step(*sample),
)
RING_LEVEL = Measure(
    "ring_level",
    "levels",
    "lower",
    "Error of mean colours in the hole along its border (8 pixels), in levels of 255: shows as a halo or blotch.",
    lambda sample: ring_level_error(*sample),
)
SHARPNESS = Measure(
    "sharpness",
    "",
    "one",
    "Mean step between neighbours in the hole, over the truth's: less is blur.",
    lambda sample: sharpness(*sample),
)
GRAIN = Measure(
    "grain",
    "",
    "one",
    "Noise level in the hole (median absolute second difference along both axes), over that of the known ring of 8 "
    "pixels around it; the truth is not asked.",
    lambda sample: grain(sample.painted, sample.hole),
)

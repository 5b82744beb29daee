"""Structural similarity (Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity").

Publications compute it with different windows, and their figures differ in the third digit: the window belongs to
the name. OpenCV filters; strips of rows keep large images out of memory and small ones in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import MissingExtraError

__all__ = ["SsimWindow", "ssim"]

SsimWindow = Literal["gaussian", "gaussian-padded", "uniform"]

_SIDE_PX = 11
_SIGMA_PX = 1.5
_STRIP_PX = 64
_ROOMS = 7  # arrays that a strip needs at a time
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

_Floats = NDArray[np.float64]


def ssim(painted: NDArray[np.uint8], truth: NDArray[np.uint8], *, window: SsimWindow = "gaussian") -> float:
    """Mean structural similarity over windows and the three channels, with K1 = 0.01, K2 = 0.03, range 255.

    Args:
        painted: uint8 (H,W,3).
        truth: uint8 (H,W,3).
        window: ``gaussian``: 11 pixels, sigma 1.5, windows that lie inside the image (Wang et al.; MAT).
            ``gaussian-padded``: the same around every pixel, zeros beyond the border (LaMa).
            ``uniform``: 11 pixels of equal weight, windows inside the image, sample covariance (SPL).

    Returns:
        At most 1, for equal images; NaN if no window lies inside the image.

    Raises:
        MissingExtraError: OpenCV is not installed.
    """
    if window == "gaussian-padded":
        beyond = ((_SIDE_PX // 2,) * 2, (_SIDE_PX // 2,) * 2, (0, 0))
        painted, truth = np.pad(painted, beyond), np.pad(truth, beyond)
    rows, columns = (side - _SIDE_PX + 1 for side in truth.shape[:2])
    if rows < 1 or columns < 1:
        return math.nan
    average = _averaging(window)
    # The covariance of a sample, not of its 121 pixels alone.
    unbiased = _SIDE_PX**2 / (_SIDE_PX**2 - 1) if window == "uniform" else 1.0
    rooms = np.empty((_ROOMS, min(_STRIP_PX, rows) + _SIDE_PX - 1, *truth.shape[1:]))
    total = 0.0
    for top in range(0, rows, _STRIP_PX):
        strip = slice(top, min(top + _STRIP_PX, rows) + _SIDE_PX - 1)
        total += _sum_of_similarities(painted[strip], truth[strip], average, unbiased, rooms)
    return float(total / (rows * columns * 3))


def _averaging(window: SsimWindow) -> Callable[[_Floats, _Floats], _Floats]:
    # (h,w,3), room for the same => (h-10,w-10,3) in that room, the weighted means of all windows
    try:
        import cv2
    except ModuleNotFoundError as error:
        raise MissingExtraError("SSIM", "eval", "opencv-python-headless") from error
    margin = _SIDE_PX // 2
    inner = slice(margin, -margin)
    weights = cv2.getGaussianKernel(_SIDE_PX, _SIGMA_PX)

    def average(values: _Floats, room: _Floats) -> _Floats:
        if window == "uniform":
            means = cv2.boxFilter(values, -1, (_SIDE_PX, _SIDE_PX), dst=room)
        else:
            means = cv2.sepFilter2D(values, -1, weights, weights, dst=room)
        return np.asarray(means, dtype=np.float64)[inner, inner]

    return average


def _sum_of_similarities(
    painted: NDArray[np.uint8],
    truth: NDArray[np.uint8],
    average: Callable[[_Floats, _Floats], _Floats],
    unbiased: float,
    rooms: _Floats,
) -> float:
    # Everything is computed in place: fresh memory for every term costs as much time as the arithmetic.
    x, y, products, mean_x, mean_y, covariance, variances = rooms[:, : len(truth)]
    np.copyto(x, painted)
    np.copyto(y, truth)
    mean_x, mean_y = average(x, mean_x), average(y, mean_y)
    covariance = average(np.multiply(x, y, out=products), covariance)
    x *= x
    y *= y
    x += y
    variances = average(x, variances)
    height, width = mean_x.shape[:2]
    product = np.multiply(mean_x, mean_y, out=products[:height, :width])
    mean_x *= mean_x
    mean_y *= mean_y
    squares = np.add(mean_x, mean_y, out=mean_x)
    covariance -= product
    covariance *= 2 * unbiased
    covariance += _C2
    variances -= squares
    variances *= unbiased
    variances += _C2
    product *= 2
    product += _C1
    product *= covariance
    squares += _C1
    squares *= variances
    product /= squares
    return float(product.sum())

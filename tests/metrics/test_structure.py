from __future__ import annotations

import math
import sys
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from splpaint.errors import MissingExtraError
from splpaint.metrics import SsimWindow, ssim
from tests.metrics.plain_ssim import plain_ssim

WINDOWS: tuple[SsimWindow, ...] = get_args(SsimWindow)
SKIMAGE: dict[SsimWindow, dict[str, Any]] = {
    "uniform": {"win_size": 11},
    "gaussian": {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False},
}


def pair(height: int, width: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    noise = np.random.default_rng(height * width)
    slopes = np.indices((height, width)).sum(axis=0)[..., None] * np.array([1, 2, 3]) % 200
    painted, truth = (slopes + noise.integers(0, 55, (2, height, width, 3))).astype(np.uint8)
    truth[height // 3 : height // 2] = 255
    return painted, truth


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("height", "width"), [(11, 11), (24, 37), (75, 12)])
def test_ssim_is_the_mean_over_all_windows(window: SsimWindow, height: int, width: int) -> None:
    painted, truth = pair(height, width)
    assert ssim(painted, truth, window=window) == pytest.approx(plain_ssim(painted, truth, window), abs=1e-10)


@pytest.mark.parametrize("window", sorted(SKIMAGE))
@pytest.mark.parametrize(("height", "width"), [(256, 256), (97, 130)])
def test_ssim_equals_scikit_image(window: SsimWindow, height: int, width: int) -> None:
    painted, truth = pair(height, width)
    options = {"channel_axis": -1, "data_range": 255} | SKIMAGE[window]
    expected = structural_similarity(painted, truth, **options)  # type: ignore[no-untyped-call]
    assert ssim(painted, truth, window=window) == pytest.approx(expected, abs=1e-10)


def test_windows_differ_and_equal_images_have_one() -> None:
    painted, truth = pair(64, 64)
    assert len({round(ssim(painted, truth, window=window), 4) for window in WINDOWS}) == 3
    assert [ssim(truth, truth, window=window) for window in WINDOWS] == pytest.approx([1, 1, 1], abs=1e-12)


@pytest.mark.parametrize("window", ["gaussian", "uniform"])
def test_an_image_smaller_than_the_window_has_no_ssim(window: SsimWindow) -> None:
    assert math.isnan(ssim(*pair(10, 40), window=window))
    assert math.isnan(ssim(*pair(40, 10), window=window))


def test_without_opencv_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(MissingExtraError, match=r"SSIM needs .*opencv.*\[eval\]"):
        ssim(*pair(16, 16))

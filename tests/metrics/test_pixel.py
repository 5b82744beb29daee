from __future__ import annotations

import math

import numpy as np
import pytest

from splpaint.evaluation.baselines import BASELINES
from splpaint.metrics.pixel import psnr_in_hole


def test_psnr_in_hole_counts_the_hole_alone() -> None:
    truth = np.zeros((4, 4, 3), np.uint8)
    painted = np.full((4, 4, 3), 200, np.uint8)
    hole = np.zeros((4, 4), np.bool_)
    hole[0, :2] = True
    painted[0, 0], painted[0, 1] = (10, 0, 0), (0, 0, 0)
    assert psnr_in_hole(painted, truth, hole) == pytest.approx(10 * math.log10(255**2 / (100 / 6)))


def test_psnr_at_the_edges() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    assert psnr_in_hole(picture, picture, np.ones((4, 4), np.bool_)) == math.inf
    assert math.isnan(psnr_in_hole(picture, picture, np.zeros((4, 4), np.bool_)))


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_baselines_fill_the_hole_and_keep_the_rest(name: str) -> None:
    image = np.tile(np.linspace(40, 200, 64).astype(np.uint8)[:, None], (64, 1, 3)).reshape(64, 64, 3)
    hole = np.zeros((64, 64), np.bool_)
    hole[20:40, 20:40] = True
    damaged = np.where(hole[..., None], np.uint8(255), image)
    painted = BASELINES[name](damaged, hole)
    assert np.array_equal(painted[~hole], image[~hole])
    assert psnr_in_hole(painted, image, hole) > psnr_in_hole(damaged, image, hole) + 5

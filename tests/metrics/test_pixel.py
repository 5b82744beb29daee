from __future__ import annotations

import math

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from splpaint.evaluation.baselines import BASELINES
from splpaint.metrics import grey_l1, mae, mae_in_hole, psnr, psnr_in_hole


def random_pair() -> tuple[np.ndarray, np.ndarray]:
    painted, truth = np.random.default_rng(3).integers(0, 256, (2, 31, 40, 3), dtype=np.uint8)
    return painted, truth


def test_psnr_equals_scikit_image() -> None:
    painted, truth = random_pair()
    expected = peak_signal_noise_ratio(truth, painted)  # type: ignore[no-untyped-call]
    assert psnr(painted, truth) == pytest.approx(expected, rel=1e-12)
    assert psnr(truth, truth) == math.inf


def test_over_a_hole_of_everything_the_figures_are_those_of_the_whole() -> None:
    painted, truth = random_pair()
    everything = np.ones(truth.shape[:2], np.bool_)
    assert psnr_in_hole(painted, truth, everything) == psnr(painted, truth)
    assert mae_in_hole(painted, truth, everything) == mae(painted, truth)


def test_mae_counts_every_channel_and_in_the_hole_the_hole_alone() -> None:
    truth = np.full((4, 5, 3), 100, np.uint8)
    painted = truth.copy()
    hole = np.zeros((4, 5), np.bool_)
    hole[1, :2] = True
    painted[1, 0] = (130, 70, 100)
    painted[3, 3] = (255, 0, 100)
    assert mae(painted, truth) == pytest.approx((30 + 30 + 155 + 100) / 60)
    assert mae_in_hole(painted, truth, hole) == 10
    assert math.isnan(mae_in_hole(painted, truth, ~hole & hole))


def test_errors_of_opposite_sign_cancel_in_grey_l1() -> None:
    painted, truth = random_pair()
    expected = np.abs(painted.astype(float).mean(2) - truth.astype(float).mean(2)).mean() / 255
    assert grey_l1(painted, truth) == pytest.approx(expected, rel=1e-12)
    truth[:], painted[:] = 100, (130, 70, 100)
    assert grey_l1(painted, truth) == 0


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


def test_an_image_of_many_strips_has_the_figures_of_its_halves() -> None:
    painted, truth = np.random.default_rng(5).integers(0, 256, (2, 702, 501, 3), dtype=np.uint8)
    for figure in (mae, grey_l1):
        halves = [figure(painted[rows], truth[rows]) for rows in (slice(0, 351), slice(351, 702))]
        assert figure(painted, truth) == pytest.approx(sum(halves) / 2, rel=1e-12)
    expected = peak_signal_noise_ratio(truth, painted)  # type: ignore[no-untyped-call]
    assert psnr(painted, truth) == pytest.approx(expected, rel=1e-12)

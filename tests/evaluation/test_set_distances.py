from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import scipy.linalg  # type: ignore[import-untyped]
import torch
from numpy.typing import NDArray
from sklearn.svm import LinearSVC
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance

from splpaint.errors import InputError
from splpaint.evaluation.deep_measures import SET_MEASURES
from splpaint.evaluation.set_distances import FeatureSet, SetPair

Floats = NDArray[np.float32]


def features(seed: int, count: int = 300, dimensions: int = 12) -> Floats:
    random = np.random.default_rng(seed)
    mix = random.normal(size=(dimensions, dimensions))
    return (random.normal(size=(count, dimensions)) @ mix + random.normal(size=dimensions)).astype(np.float32)


def in_chunks(rows: Floats, length: int) -> FeatureSet:
    def chunks() -> Iterator[Floats]:
        yield from (rows[start : start + length] for start in range(0, len(rows), length))

    return FeatureSet(chunks)


def pair(truth: Floats, painted: Floats, length: int = 64) -> SetPair:
    return SetPair(in_chunks(truth, length), in_chunks(painted, length))


class AsTheyAre(nn.Module):
    """A network whose features are the pixels of its picture."""

    num_features = 12

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1).double()


def test_fid_is_torchmetrics() -> None:
    levels = [
        np.random.default_rng(seed).integers(50 * seed, 256, (200, 3, 2, 2), dtype=np.uint8)
        for seed in (0, 1)
    ]
    metric = FrechetInceptionDistance(feature=AsTheyAre()).set_dtype(torch.float64)
    for number, images in enumerate(levels):
        metric.update(torch.from_numpy(images), real=not number)
    truth, painted = (images.reshape(200, 12).astype(np.float32) for images in levels)
    assert SET_MEASURES["fid"].of(pair(truth, painted)) == pytest.approx(float(metric.compute()), rel=1e-6)


def published(truth: Floats, painted: Floats, ddof: int) -> float:
    """As the published codes compute it: with a matrix square root."""
    covariances = [np.cov(each.astype(np.float64), rowvar=False, ddof=ddof) for each in (truth, painted)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    apart = truth.mean(axis=0, dtype=np.float64) - painted.mean(axis=0, dtype=np.float64)
    return float(apart @ apart + np.trace(covariances[0] + covariances[1] - 2 * root))


@pytest.mark.parametrize(("name", "ddof"), [("fid", 1), ("fid-pytorch", 1), ("fid-stylegan", 0)])
def test_frechet_distances_are_the_published_ones(name: str, ddof: int) -> None:
    truth, painted = features(1, 40), features(2, 40)
    found = SET_MEASURES[name].of(pair(truth, painted))
    assert found == pytest.approx(published(truth, painted, ddof), rel=1e-9)
    assert found != pytest.approx(published(truth, painted, 1 - ddof), rel=1e-4)


def test_the_distance_of_equal_sets_is_zero_and_of_a_shift_its_square() -> None:
    truth = features(3)
    for same in (truth, features(3, 60, 200)):
        assert SET_MEASURES["fid"].of(pair(same, same)) == 0
    assert SET_MEASURES["fid"].of(pair(truth, truth + np.float32(0.5))) == pytest.approx(12 * 0.25, rel=1e-5)


def test_fewer_pictures_than_features_give_a_finite_distance() -> None:
    truth, painted = features(4, 5), features(5, 5)
    assert SET_MEASURES["fid"].of(pair(truth, painted)) == pytest.approx(
        published(truth, painted, 1), rel=1e-6
    )


def test_moments_do_not_lose_digits_far_from_zero() -> None:
    rows = (features(6) / 100 + 4096).astype(np.float32)
    wanted = np.cov(rows.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(in_chunks(rows, 7).moments.covariance, wanted, rtol=1e-9)


def test_one_picture_has_no_moments() -> None:
    with pytest.raises(InputError, match="at least 2 pictures, got 1"):
        _ = in_chunks(features(0, 1), 4).moments


def as_mat(painted: Floats, truth: Floats) -> tuple[float, float]:
    """P-IDS and U-IDS by counting decisions of the classifier."""
    classifier = LinearSVC(dual=False)
    classifier.fit(np.vstack([truth, painted]), [1] * len(truth) + [0] * len(painted))
    plane, offset = classifier.coef_[0], classifier.intercept_[0]
    real = [float(row @ plane + offset) for row in truth.astype(np.float64)]
    false = [float(row @ plane + offset) for row in painted.astype(np.float64)]
    fooled = sum(b > a for a, b in zip(real, false, strict=True)) / len(real)
    wrong = sum(value <= 0 for value in real) + sum(value > 0 for value in false)
    return fooled, wrong / (2 * len(real))


def test_p_ids_and_u_ids_are_shares_of_decisions_of_the_svm() -> None:
    truth = features(7)
    painted = truth + np.random.default_rng(8).normal(0.2, 0.5, truth.shape).astype(np.float32)
    found = pair(truth, painted)
    wanted = as_mat(painted, truth)
    assert 0.05 < wanted[0] < wanted[1] < 0.5
    assert (SET_MEASURES["p-ids"].of(found), SET_MEASURES["u-ids"].of(found)) == pytest.approx(
        wanted, abs=1e-12
    )


def test_with_fewer_pictures_than_features_both_sets_separate() -> None:
    found = pair(features(9, 20, 200), features(10, 20, 200))
    assert found.discrimination == (0, 0)

"""How alike two sets of pictures are, by the features that a network sees in them (NumPy; scikit-learn for the SVM).

Frechet distance of two Gaussians (Heusel et al. 2017, "GANs trained by a two time-scale update rule", sec. 2) and the
paired and unpaired inception discriminative scores (Zhao et al. 2021, "Large scale image completion via co-modulated
generative adversarial networks", sec. 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import InputError, MissingExtraError

__all__ = ["FeatureSet", "SetPair"]

Floats = NDArray[np.float64]

_ROUNDING = 1e-7
"""Of the variance of features: what eigenvalues near zero leave as a distance of equal sets, with room."""


class Moments(NamedTuple):
    """Mean and covariance of features.

    Attributes:
        mean: (D,).
        covariance: (D,D), divided by the number of pictures less one.
        pictures: How many they are of.
    """

    mean: Floats
    covariance: Floats
    pictures: int


class FeatureSet:
    """The features of a set of pictures, which may be too large for memory.

    Args:
        chunks: Gives them, float32 (N,D) after each other, from the first one on each time it is called.
    """

    def __init__(self, chunks: Callable[[], Iterator[NDArray[np.float32]]]) -> None:
        self._chunks = chunks

    @cached_property
    def moments(self) -> Moments:
        """In float64, in two passes over the chunks: no difference of large sums.

        Raises:
            InputError: There are fewer than two pictures.
        """
        count = sum(len(chunk) for chunk in self._chunks())
        if count < 2:
            raise InputError(f"expected the features of at least 2 pictures, got {count}; take more pairs")
        mean = sum(chunk.sum(axis=0, dtype=np.float64) for chunk in self._chunks()) / count
        centred = (chunk - mean for chunk in self._chunks())
        covariance = sum(chunk.T @ chunk for chunk in centred) / (count - 1)
        return Moments(np.asarray(mean), np.asarray(covariance), count)

    @cached_property
    def factor(self) -> Floats:
        """A real F, (D,D), with F F' = covariance."""
        values, vectors = np.linalg.eigh(self.moments.covariance)
        return np.asarray(vectors * np.sqrt(values.clip(min=0)))

    def all(self) -> Floats:
        """All at once, (N,D)."""
        return np.concatenate(list(self._chunks())).astype(np.float64)


class Discrimination(NamedTuple):
    """How well a linear classifier tells real pictures from painted ones, both of which it was fitted on.

    Attributes:
        p_ids: Share of pairs in which the painted one looks more real, in [0,1].
        u_ids: Share of pictures that are classified wrongly, in [0,1].
    """

    p_ids: float
    u_ids: float


class SetPair:
    """Real pictures and painted ones, pair by pair."""

    def __init__(self, truth: FeatureSet, painted: FeatureSet) -> None:
        self.truth = truth
        self.painted = painted

    def frechet(self, *, biased: bool = False) -> float:
        """Squared Frechet distance of two Gaussians: |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)).

        Args:
            biased: Divide covariances by the number of pictures, not by one less.
        """
        pictures = self.truth.moments.pictures
        of_means, of_covariances = self._frechet
        return of_means + of_covariances * ((pictures - 1) / pictures if biased else 1)

    @cached_property
    def _frechet(self) -> tuple[float, float]:
        # C1 C2 = F F' C2 has the eigenvalues of the symmetric F' C2 F, whose square roots are real: no matrix square
        # root, which is inexact where covariances are singular.
        truth, painted = self.truth.moments, self.painted.moments
        factor = self.truth.factor
        common = np.sqrt(np.linalg.eigvalsh(factor.T @ painted.covariance @ factor).clip(min=0)).sum()
        spread = np.trace(truth.covariance) + np.trace(painted.covariance)
        apart = spread - 2 * common
        of_means = np.square(truth.mean - painted.mean).sum()
        return float(of_means), float(apart) if apart > _ROUNDING * spread else 0.0

    @cached_property
    def discrimination(self) -> Discrimination:
        """By a linear SVM (scikit-learn's LinearSVC, dual=False) of all features together; they must fit into memory.

        Raises:
            MissingExtraError: scikit-learn is not installed.
        """
        try:
            from sklearn.svm import LinearSVC
        except ImportError as error:
            raise MissingExtraError("P-IDS and U-IDS", "metrics", "sklearn") from error
        truth, painted = self.truth.all(), self.painted.all()
        both = np.concatenate([truth, painted])
        real = np.repeat([1, 0], [len(truth), len(painted)])
        classifier = LinearSVC(dual=False).fit(both, real)
        more_real = classifier.decision_function(painted) > classifier.decision_function(truth)
        return Discrimination(float(more_real.mean()), float(1 - classifier.score(both, real)))

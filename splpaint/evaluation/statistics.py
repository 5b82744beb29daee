"""Means over pairs with bootstrap intervals, and intervals of shares (NumPy only).

Several pairs may show the same photograph and are then not independent: photographs are resampled, not pairs
(a cluster bootstrap; Davison & Hinkley 1997, "Bootstrap Methods and their Application", sec. 3.8).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Estimate", "estimate_means", "wilson_interval"]

Floats = NDArray[np.float64]

_RESAMPLES = 2000
_SEED = 0
_PERCENTILES = (2.5, 97.5)
_DRAWN_AT_ONCE = 500_000
_NORMAL_PERCENTILE = 1.959964  # 97.5 %


class Estimate(NamedTuple):
    """The mean of one column.

    Attributes:
        mean: NaN if no value is defined.
        low: Lower end of the 95 % percentile interval; NaN with fewer than two photographs.
        high: Upper end.
        defined: How many values are.
    """

    mean: float
    low: float
    high: float
    defined: int


def estimate_means(values: Floats, photographs: NDArray[np.int64]) -> list[Estimate]:
    """Estimate the mean of each column.

    Args:
        values: (P,C), a row per pair; NaN where a value is not defined.
        photographs: (P,), the number of each pair's photograph.

    Returns:
        C estimates; the same for the same values, whatever the machine's number of cores.
    """
    _, cluster = np.unique(photographs, return_inverse=True)
    clusters = int(cluster.max(initial=-1)) + 1
    defined = np.isfinite(values)
    sums = np.zeros((clusters, values.shape[1]))
    counts = np.zeros_like(sums)
    np.add.at(sums, cluster, np.where(defined, values, 0))
    np.add.at(counts, cluster, defined)
    total = counts.sum(axis=0)
    means = _ratio(sums.sum(axis=0), total)
    low, high = _intervals(sums, counts)
    columns = zip(means.tolist(), low.tolist(), high.tolist(), total.tolist(), strict=True)
    return [Estimate(mean, lowest, highest, int(count)) for mean, lowest, highest, count in columns]


def wilson_interval(share: float, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927); unlike a bootstrap's, never of no width.

    Args:
        share: In [0,1].
        trials: How many independent ones it is of, at least one.
    """
    square = _NORMAL_PERCENTILE**2
    centre = share + square / (2 * trials)
    half = _NORMAL_PERCENTILE * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    scale = 1 + square / trials
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def _intervals(sums: Floats, counts: Floats) -> tuple[Floats, Floats]:
    clusters, columns = sums.shape
    if clusters < 2:
        nothing = np.full(columns, np.nan)
        return nothing, nothing
    random = np.random.Generator(np.random.PCG64(_SEED))
    means = np.empty((_RESAMPLES, columns))
    at_once = max(1, _DRAWN_AT_ONCE // clusters)
    for start in range(0, _RESAMPLES, at_once):
        part = means[start : start + at_once]
        drawn = random.integers(clusters, size=(len(part), clusters))
        drawn += np.arange(len(part))[:, None] * clusters
        times = np.bincount(drawn.ravel(), minlength=len(part) * clusters).reshape(len(part), clusters)
        part[:] = _ratio(_weigh(times, sums), _weigh(times, counts))
    defined = np.isfinite(means)
    low, high = np.full(columns, np.nan), np.full(columns, np.nan)
    for column in np.flatnonzero(defined.any(axis=0)):
        low[column], high[column] = np.percentile(means[defined[:, column], column], _PERCENTILES)
    return low, high


def _weigh(times: NDArray[np.int64], values: Floats) -> Floats:
    # einsum adds in one order; a matrix product's order depends on the number of threads.
    weighed: Floats = np.einsum("rg,gc->rc", times.astype(np.float64), values)
    return weighed


def _ratio(sums: Floats, counts: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Floats = np.divide(sums, counts)
    return ratio

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap  # type: ignore[import-untyped]

from splpaint.evaluation.statistics import estimate_means


def test_intervals_of_independent_pairs_are_those_of_scipys_percentile_bootstrap() -> None:
    values = np.random.default_rng(1).normal(20, 3, 200)
    found = estimate_means(values[:, None], np.arange(200))[0]
    wanted = bootstrap((values,), np.mean, method="percentile", n_resamples=9999, rng=2).confidence_interval
    assert np.isclose(found.mean, values.mean(), rtol=1e-12)
    assert np.allclose((found.low, found.high), wanted, atol=0.05)


def test_pairs_of_one_photograph_are_not_independent() -> None:
    values = np.random.default_rng(2).normal(20, 3, (50, 1))
    single = estimate_means(values, np.arange(50))[0]
    repeated = estimate_means(np.repeat(values, 6, axis=0), np.repeat(np.arange(50), 6))[0]
    assert np.allclose(single[:3], repeated[:3], rtol=1e-9)  # six masks of a photograph add no photograph
    assert repeated.defined == 300


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_mean_lies_between_the_ends_of_the_values_and_of_its_interval(numbers: list[float]) -> None:
    found = estimate_means(np.array(numbers)[:, None], np.arange(len(numbers)))[0]
    room = 1e-9 * (1 + max(map(abs, numbers)))
    assert min(numbers) - room <= found.low <= found.high <= max(numbers) + room
    assert np.isclose(found.mean, np.mean(numbers), atol=room)


def test_undefined_values_are_left_out_and_counted() -> None:
    values = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])
    first, nothing = estimate_means(values, np.arange(3))
    assert (first.mean, first.defined) == (2.0, 2)
    assert np.isnan(nothing.mean)
    assert np.isnan(nothing.low)
    assert nothing.defined == 0


def test_one_photograph_has_no_interval() -> None:
    found = estimate_means(np.array([[1.0], [2.0]]), np.array([4, 4]))[0]
    assert found.mean == 1.5
    assert np.isnan([found.low, found.high]).all()

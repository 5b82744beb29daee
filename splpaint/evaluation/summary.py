"""What an evaluation found, as ``report.json`` holds it: values only; how long they took stands in ``timing.json``."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from splpaint.evaluation.measures import Better, score
from splpaint.evaluation.records import PairResult, Settings
from splpaint.evaluation.statistics import Estimate, estimate_means

__all__ = ["Comparison", "Group", "Mean", "MeasureFact", "SetValue", "Summary", "summarise"]

Floats = NDArray[np.float64]

_DIGITS = 6
_By = Literal["all", "bin", "mask"]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MeasureFact(_Fact):
    """A measure: what it is called, its unit, which way is better, and how it is defined."""

    name: str
    unit: str
    better: Better
    definition: str


class Mean(_Fact):
    """The mean of one measure for one method.

    Attributes:
        mean: Over the pairs for which the value is defined and finite; None: there are none.
        low: Lower end of the 95 % bootstrap interval; None with fewer than two photographs.
        high: Upper end.
        count: Pairs in the mean.
        identical: Pairs painted exactly as the truth is, whose value is infinite and not in the mean.
    """

    mean: float | None
    low: float | None
    high: float | None
    count: int
    identical: int


class Comparison(_Fact):
    """Two methods on the same pairs, by one measure.

    Attributes:
        measure: Its name.
        first: A method.
        second: Another one.
        difference: Mean of the first's value minus the second's.
        low: Lower end of its 95 % bootstrap interval.
        high: Upper end.
        won: Share of pairs in which the first is better, in [0,1]; pairs in which neither is count half.
        won_low: Lower end of its 95 % bootstrap interval.
        won_high: Upper end.
        count: Pairs for which both values are defined.
    """

    measure: str
    first: str
    second: str
    difference: float | None
    low: float | None
    high: float | None
    won: float | None
    won_low: float | None
    won_high: float | None
    count: int


class Group(_Fact):
    """Pairs that are looked at together.

    Attributes:
        by: All pairs, those of a bin of hole ratios, or those of a kind of masks.
        label: Of the bin or kind; empty for all.
        pairs: How many there are.
        photographs: How many different photographs are in them.
        means: Method => measure => mean.
        comparisons: Of every two methods by every measure.
    """

    by: _By
    label: str
    pairs: int
    photographs: int
    means: dict[str, dict[str, Mean]]
    comparisons: list[Comparison]


class SetValue(_Fact):
    """One measure of all pairs together, for one method.

    Attributes:
        name: The measure's.
        method: A method.
        value: Its figure.
        count: How many pairs.
        flag: What is to be known before it is compared; empty: nothing.
    """

    name: str
    method: str
    value: float
    count: int
    flag: str


class Summary(_Fact):
    """An evaluation without its single pairs.

    Attributes:
        settings: What the values depend on.
        measures: Of single pairs, in the order of tables.
        set_measures: Of all pairs together, in the order of tables.
        sets: Their values, by measure and method.
        groups: All pairs first, then bins of hole ratios, then kinds of masks.
        identical: Method => numbers of the pairs that it painted exactly as the truth is.
    """

    settings: Settings
    measures: list[MeasureFact]
    set_measures: list[MeasureFact] = []
    sets: list[SetValue] = []
    groups: list[Group]
    identical: dict[str, list[int]]


def summarise(
    settings: Settings,
    measures: Sequence[MeasureFact],
    results: Iterable[PairResult],
    *,
    set_measures: Sequence[MeasureFact] = (),
    sets: Sequence[SetValue] = (),
) -> Summary:
    """Summarise the values of all pairs.

    Args:
        settings: Of the evaluation.
        measures: Those that ``settings`` names.
        results: All pairs; 8 bytes a value are kept of them.
        set_measures: Those of all pairs together that ``settings`` names.
        sets: Their values.
    """
    table = _tabulate(settings, results)
    exact: NDArray[np.bool_] = np.any(np.isposinf(table.values), axis=2)  # (P, methods)
    identical = {
        method: table.numbers[exact[:, place]].tolist() for place, method in enumerate(settings.methods)
    }
    return Summary(
        settings=settings,
        measures=list(measures),
        set_measures=list(set_measures),
        sets=list(sets),
        groups=[
            _group(by, label, table.values[rows], table.photographs[rows], list(settings.methods), measures)
            for by, label, rows in _groups(table)
        ],
        identical={method: numbers for method, numbers in identical.items() if numbers},
    )


class _Table(NamedTuple):
    numbers: NDArray[np.int64]  # (P,)
    photographs: NDArray[np.int64]  # (P,)
    bins: NDArray[np.str_]  # (P,)
    kinds: NDArray[np.str_]  # (P,)
    values: Floats  # (P, methods, measures)


def _tabulate(settings: Settings, results: Iterable[PairResult]) -> _Table:
    photographs: dict[str, int] = {}
    labels: list[tuple[int, int, str, str]] = []
    values = array("d")
    for result in results:
        photograph = photographs.setdefault(result.image_sha256, len(photographs))
        labels.append((result.number, photograph, result.bin, result.mask))
        for method in settings.methods:
            values.extend(result.values[method][measure] for measure in settings.measures)
    shape = (len(labels), len(settings.methods), len(settings.measures))
    columns = zip(*labels, strict=True)
    return _Table(*map(np.array, columns), np.array(values).reshape(shape))  # type: ignore[call-arg]


def _groups(table: _Table) -> Iterator[tuple[_By, str, NDArray[np.bool_]]]:
    yield "all", "", np.ones(len(table.numbers), np.bool_)
    for label in np.unique(table.bins[table.bins != ""]).tolist():
        yield "bin", label, table.bins == label
    for label in np.unique(table.kinds).tolist():
        yield "mask", label, table.kinds == label


def _group(
    by: _By,
    label: str,
    values: Floats,
    photographs: NDArray[np.int64],
    methods: Sequence[str],
    measures: Sequence[MeasureFact],
) -> Group:
    pairs = list(combinations(range(len(methods)), 2))
    finite = np.where(np.isinf(values), np.nan, values)
    scores = np.empty_like(values)
    for place, each in enumerate(measures):
        scores[:, :, place] = score(values[:, :, place], each.better)
    differences = [finite[:, a] - finite[:, b] for a, b in pairs]
    won = [_won(scores[:, a], scores[:, b]) for a, b in pairs]
    columns = np.concatenate([*finite.transpose(1, 0, 2), *differences, *won], axis=1)
    estimates = iter(estimate_means(columns, photographs))
    exact = np.isinf(values).sum(axis=0)
    means = {
        method: {
            each.name: _mean(next(estimates), int(exact[row, place])) for place, each in enumerate(measures)
        }
        for row, method in enumerate(methods)
    }
    of_differences, of_won = ([next(estimates) for _ in pairs for _ in measures] for _ in range(2))
    compared = ((each.name, methods[a], methods[b]) for a, b in pairs for each in measures)
    comparisons = [_comparison(*each) for each in zip(compared, of_differences, of_won, strict=True)]
    found = len(np.unique(photographs))
    return Group(
        by=by, label=label, pairs=len(values), photographs=found, means=means, comparisons=comparisons
    )


def _won(first: Floats, second: Floats) -> Floats:
    share: Floats = np.where(first > second, 1.0, np.where(first == second, 0.5, 0.0))
    share[np.isnan(first) | np.isnan(second)] = np.nan
    return share


def _mean(found: Estimate, identical: int) -> Mean:
    mean, low, high = map(_rounded, found[:3])
    return Mean(mean=mean, low=low, high=high, count=found.defined, identical=identical)


def _comparison(names: tuple[str, str, str], difference: Estimate, won: Estimate) -> Comparison:
    measure, first, second = names
    numbers = [_rounded(each) for each in (*difference[:3], *won[:3])]
    fields = ("difference", "low", "high", "won", "won_low", "won_high")
    return Comparison(
        measure=measure,
        first=first,
        second=second,
        count=won.defined,
        **dict(zip(fields, numbers, strict=True)),
    )


def _rounded(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None

"""Curves over the hole's share of the picture: the mean of each bin with its interval, a line per method.

Only geometry, in the units of a drawing of ``WIDTH`` x ``HEIGHT``; the page's template draws it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from splpaint.evaluation.report.notation import interval, number
from splpaint.evaluation.summary import Group, Mean, MeasureFact, Summary

__all__ = ["HEIGHT", "WIDTH", "Axis", "Curves", "Point", "Tick", "draw_curves"]

WIDTH, HEIGHT = 760, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 744, 14, 300
_MOST_TICKS = 6
_APART = 7.0  # of two methods' points in the same bin, where there is room


class Tick(NamedTuple):
    """A place on an axis and what stands there."""

    at: float
    text: str


class Point(NamedTuple):
    """A mean.

    Attributes:
        x: Its place.
        y: Its place.
        low: Place of its interval's lower end; the mean's own if there is none.
        high: Place of the upper end.
        text: Says it in words.
    """

    x: float
    y: float
    low: float
    high: float
    text: str


class Curves(NamedTuple):
    """The curves of one measure.

    Attributes:
        across: The bins.
        up: Values.
        ideal: Place of the value that is best; None if more or less is always better.
        points: Method => its points, from the smallest holes on.
    """

    across: Sequence[Tick]
    up: Sequence[Tick]
    ideal: float | None
    points: Mapping[str, Sequence[Point]]


class Axis:
    """Values => places, between round numbers.

    Args:
        values: At least one; all of them are inside.
        start: Place of the smallest.
        end: Place of the largest.
    """

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        low, high = min(values), max(values)
        if low == high:
            low, high = low - (abs(low) or 1) / 20, high + (abs(high) or 1) / 20
        self._step = _round_step((high - low) / (_MOST_TICKS - 1))
        self._first, self._last = math.floor(low / self._step), math.ceil(high / self._step)
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        """Where a value is, to a tenth."""
        share = (value / self._step - self._first) / (self._last - self._first)
        return round(self._start + share * (self._end - self._start), 1)

    def ticks(self) -> list[Tick]:
        """The round numbers."""
        decimals = max(0, -math.floor(math.log10(self._step) + 1e-9))
        values = [count * self._step for count in range(self._first, self._last + 1)]
        return [Tick(self.at(value), f"{value:.{decimals}f}") for value in values]


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def draw_curves(summary: Summary, measure: MeasureFact) -> Curves | None:
    """Draw the curves of a measure; None if there are fewer than two bins, or no value."""
    bins = sorted((group for group in summary.groups if group.by == "bin"), key=_lower_edge)
    means = [row[measure.name] for group in bins for row in group.means.values()]
    values = [value for mean in means for value in (mean.mean, mean.low, mean.high) if value is not None]
    if len(bins) < 2 or not values:
        return None
    ideal = [1.0] if measure.better == "one" else []
    axis = Axis([*values, *ideal], _BOTTOM, _TOP)
    width = (_RIGHT - _LEFT) / len(bins)
    middles = [round(_LEFT + (place + 0.5) * width, 1) for place in range(len(bins))]
    methods = list(summary.settings.methods)
    apart = min(_APART, width / (len(methods) + 1))
    points = {
        method: [
            _point(x + apart * (row - (len(methods) - 1) / 2), axis, group, method, measure)
            for x, group in zip(middles, bins, strict=True)
            if group.means[method][measure.name].mean is not None
        ]
        for row, method in enumerate(methods)
    }
    across = [Tick(x, group.label) for x, group in zip(middles, bins, strict=True)]
    return Curves(across, axis.ticks(), axis.at(1.0) if ideal else None, points)


def _point(x: float, axis: Axis, group: Group, method: str, measure: MeasureFact) -> Point:
    mean: Mean = group.means[method][measure.name]
    text = f"{method}, holes {group.label}: {number(mean.mean, measure)} {interval(mean, measure)}".strip()
    middle, low, high = (
        axis.at(value if value is not None else mean.mean or 0.0)
        for value in (mean.mean, mean.low, mean.high)
    )
    return Point(round(x, 1), middle, low, high, f"{text}, {mean.count} pair{'s' if mean.count > 1 else ''}")


def _lower_edge(group: Group) -> float:
    return float(group.label.strip("[]()").split(",")[0])

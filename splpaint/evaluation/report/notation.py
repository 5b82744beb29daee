"""How tables write measures and their values: names, units, digits, intervals, and which values are best."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from splpaint.evaluation.measures import score
from splpaint.evaluation.summary import Comparison, Group, Mean, MeasureFact, Summary

__all__ = [
    "ARROWS",
    "NOTHING",
    "Cell",
    "best_methods",
    "cell",
    "describe_group",
    "difference",
    "first_against_others",
    "interval",
    "number",
    "overall",
    "share",
    "share_interval",
    "share_with_interval",
    "told_groups",
    "words",
    "words_and_unit",
]

ARROWS = {"higher": "↑", "lower": "↓", "one": "→ 1"}
"""Which way is better, as a sign."""

NOTHING = "–"
"""Stands in a cell without a value."""

_ABBREVIATIONS = re.compile(r"\b(psnr|ssim|mae|l1|lpips|vgg|fid|p|u|ids)\b")
_DIGITS_BY_UNIT = {"dB": 2, "levels": 2, "%": 1}
_DIGITS = 4
_DIGITS_OF_ONE = 3


def words(measure: MeasureFact) -> str:
    """The name for people: ``PSNR in hole``, ``border step``."""
    plain = measure.name.replace("_hole", " in hole").replace("_", " ")
    return _ABBREVIATIONS.sub(lambda found: found[0].upper(), plain)


def words_and_unit(measure: MeasureFact) -> str:
    """The name for people with the unit, if there is one: ``PSNR in hole (dB)``."""
    return f"{words(measure)} ({measure.unit})" if measure.unit else words(measure)


def number(value: float | None, measure: MeasureFact, *, signed: bool = False) -> str:
    """A value with as many decimals as are of use for the measure's unit.

    Args:
        value: None: there is none.
        measure: Whose value it is.
        signed: Write a plus before what is positive, as for differences.
    """
    if value is None:
        return NOTHING
    digits = _DIGITS_OF_ONE if measure.better == "one" else _DIGITS_BY_UNIT.get(measure.unit, _DIGITS)
    text = f"{value:{'+' if signed else ''}.{digits}f}"
    return text if float(text) else text.lstrip("+-")  # what rounds to nothing has no sign


def interval(mean: Mean | Comparison, measure: MeasureFact, *, signed: bool = False) -> str:
    """The 95 % interval of a mean or a difference; empty if there is none."""
    if mean.low is None:
        return ""
    return f"[{number(mean.low, measure, signed=signed)}, {number(mean.high, measure, signed=signed)}]"


def share(value: float | None) -> str:
    """A share in [0,1] as per cent."""
    return NOTHING if value is None else f"{100 * value:.0f} %"


def share_interval(low: float | None, high: float | None) -> str:
    """The 95 % interval of a share, in per cent; empty if there is none."""
    return "" if low is None or high is None else f"[{100 * low:.0f}, {100 * high:.0f}]"


def share_with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """A share in [0,1] and its interval, as far as there are any, in per cent."""
    return f"{share(value)} {share_interval(low, high)}".strip()


def difference(comparison: Comparison, measure: MeasureFact) -> str:
    """The mean difference of two methods and its interval, as far as there are any."""
    mean = number(comparison.difference, measure, signed=True)
    return f"{mean} {interval(comparison, measure, signed=True)}".strip()


class Cell(NamedTuple):
    """A mean as it is written.

    Attributes:
        mean: Its figures.
        interval: Empty if there is none.
        best: Whether it is one of the best.
    """

    mean: str
    interval: str
    best: bool


def cell(means: Mapping[str, Mapping[str, Mean]], method: str, measure: MeasureFact) -> Cell:
    """Write the mean of a method among those of all methods: method => measure => mean."""
    mean = means[method][measure.name]
    return Cell(number(mean.mean, measure), interval(mean, measure), method in best_methods(means, measure))


def best_methods(means: Mapping[str, Mapping[str, Mean]], measure: MeasureFact) -> set[str]:
    """The methods whose means are best, as they are written: several if these are equal, none if there is one method.

    Args:
        means: Method => measure => mean.
        measure: By which one.
    """
    written = {method: number(row[measure.name].mean, measure) for method, row in means.items()}
    values = {method: float(text) for method, text in written.items() if text != NOTHING}
    scores = {method: round(score(value, measure.better), _DIGITS) for method, value in values.items()}
    best = max(scores.values(), default=0.0)
    return {method for method, found in scores.items() if found == best and len(means) > 1}


def overall(summary: Summary) -> tuple[list[MeasureFact], dict[str, dict[str, Mean]]]:
    """What a table over all pairs holds.

    Returns:
        Measures, those of all pairs together last; method => measure => mean, of these their value without an interval.
    """
    means = {method: dict(row) for method, row in summary.groups[0].means.items()}
    for each in summary.sets:
        means[each.method][each.name] = Mean(
            mean=each.value, low=None, high=None, count=each.count, identical=0
        )
    return [*summary.measures, *summary.set_measures], means


def told_groups(summary: Summary) -> list[Group]:
    """All pairs, then the groups that are not all pairs again: a single kind of masks is none."""
    everything, *others = summary.groups
    return [everything, *(group for group in others if group.pairs < everything.pairs)]


def describe_group(group: Group) -> str:
    """What its pairs have in common, and how many there are."""
    what = {"all": "all", "bin": f"hole {group.label}", "mask": f"masks: {group.label}"}[group.by]
    return f"{what} ({group.pairs})"


def first_against_others(summary: Summary, measure: MeasureFact) -> list[Comparison]:
    """The first method beside each other one, over all pairs."""
    first = next(iter(summary.settings.methods))
    return [
        each for each in summary.groups[0].comparisons if each.first == first and each.measure == measure.name
    ]

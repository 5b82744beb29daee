from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from splpaint.evaluation import Summary
from splpaint.evaluation.report.curves import WIDTH, Axis, draw_curves
from splpaint.evaluation.summary import Group, MeasureFact
from tests.evaluation.report.summaries import PSNR, SHARPNESS, means_of, summary_of

FINITE = st.floats(-1e6, 1e6).map(lambda value: round(value, 6))


def with_bins(
    rows: dict[str, dict[str, float | None]],
    measure: MeasureFact,
    interval: tuple[float | None, float | None] = (None, None),
) -> Summary:
    """A summary with these bins: label => method => mean."""
    summary = summary_of(next(iter(rows.values())), measure)
    bins = [
        Group(
            by="bin",
            label=label,
            pairs=1,
            photographs=1,
            means=means_of(row, measure, interval),
            comparisons=[],
        )
        for label, row in rows.items()
    ]
    return summary.model_copy(update={"groups": [*summary.groups, *bins]})


@given(st.lists(FINITE, min_size=1, max_size=20))
def test_round_numbers_enclose_every_value_and_are_few(values: list[float]) -> None:
    assume(max(values) == min(values) or max(values) - min(values) > 1e-3)
    axis = Axis(values, 300, 14)
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 8
    assert (ticks[0].at, ticks[-1].at) == (300, 14)
    numbers = [float(tick.text) for tick in ticks]
    assert numbers == sorted(set(numbers))
    assert numbers[0] <= min(values) + 1e-9
    assert numbers[-1] >= max(values) - 1e-9
    assert all(14 <= axis.at(value) <= 300 for value in values)


def test_a_point_stands_where_its_mean_is_between_the_round_numbers() -> None:
    summary = with_bins({"(0.1,0.2]": {"a": 30.0}, "(0.2,0.3]": {"a": 20.0}}, PSNR, (18.0, 34.0))
    drawn = draw_curves(summary, PSNR)
    assert drawn is not None
    first, last = drawn.up[0], drawn.up[-1]
    scale = (last.at - first.at) / (float(last.text) - float(first.text))
    for point, mean in zip(drawn.points["a"], (30, 20), strict=True):
        for at, value in ((point.y, mean), (point.low, 18), (point.high, 34)):
            assert at == pytest.approx(first.at + scale * (value - float(first.text)), abs=0.1)
    assert drawn.points["a"][0].text == "a, holes (0.1,0.2]: 30.00 [18.00, 34.00], 1 pair"


@pytest.mark.parametrize("methods", [2, 40])
def test_bins_stand_in_the_order_of_hole_sizes_and_methods_beside_each_other(methods: int) -> None:
    names = [f"method {number}" for number in range(methods)]
    row: dict[str, float | None] = dict.fromkeys(names, 1.0)
    labels = ["[0.9,1]", "[0,0.1)", "(0.01,0.1]", "[0.1,0.2)"]
    drawn = draw_curves(with_bins(dict.fromkeys(labels, row), PSNR), PSNR)
    assert drawn is not None
    assert [tick.text for tick in drawn.across] == ["[0,0.1)", "(0.01,0.1]", "[0.1,0.2)", "[0.9,1]"]
    places = [drawn.points[name][number].x for number in range(4) for name in names]
    assert places == sorted(set(places))
    assert 0 < places[0] < places[-1] < WIDTH
    for tick, first, last in zip(drawn.across, drawn.points[names[0]], drawn.points[names[-1]], strict=True):
        assert first.x + last.x == pytest.approx(2 * tick.at, abs=0.2)


def test_one_is_drawn_where_it_is_best() -> None:
    rows: dict[str, dict[str, float | None]] = {"(0.1,0.2]": {"a": 3.0}, "(0.2,0.3]": {"a": 2.0}}
    ideal, plain = (
        draw_curves(with_bins(rows, SHARPNESS), SHARPNESS),
        draw_curves(with_bins(rows, PSNR), PSNR),
    )
    assert ideal is not None
    assert plain is not None
    assert {tick.text: tick.at for tick in ideal.up}["1.0"] == ideal.ideal
    assert plain.ideal is None


def test_a_bin_without_a_value_has_no_point_and_one_bin_no_curve() -> None:
    rows: dict[str, dict[str, float | None]] = {
        "(0.1,0.2]": {"a": None, "b": 1.0},
        "(0.2,0.3]": {"a": 2.0, "b": 1.0},
    }
    drawn = draw_curves(with_bins(rows, PSNR), PSNR)
    assert drawn is not None
    assert [len(points) for points in drawn.points.values()] == [1, 2]
    assert draw_curves(with_bins({"(0.1,0.2]": {"a": 1.0}}, PSNR), PSNR) is None
    nothing: dict[str, dict[str, float | None]] = {"(0.1,0.2]": {"a": None}, "(0.2,0.3]": {"a": None}}
    assert draw_curves(with_bins(nothing, PSNR), PSNR) is None

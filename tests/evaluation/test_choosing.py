from __future__ import annotations

import math

from hypothesis import example, given
from hypothesis import strategies as st

from splpaint.evaluation.choosing import choose_pairs
from splpaint.evaluation.measures import Better
from splpaint.evaluation.records import PairResult

VALUES = st.one_of(st.floats(0, 3), st.sampled_from([math.nan, math.inf, 1.0]))
SORTS = st.sampled_from([("(0.1,0.2]", "thin"), ("(0.1,0.2]", "thick"), ("", "thin"), ("(0.4,0.5]", "box")])
RESULTS = st.lists(st.tuples(VALUES, SORTS, st.sampled_from("0123")), max_size=60).map(
    lambda drawn: [result(number, *each) for number, each in enumerate(drawn, start=1)]
)


def result(number: int, value: float, sort: tuple[str, str] = ("", ""), photograph: str = "0") -> PairResult:
    values = {"ours": {"m": value, "n": 0.0}, "theirs": {"m": 0.0, "n": 0.0}}
    return PairResult(number, f"p{number}", "p.png", photograph * 64, sort[1], sort[0], 0.1, values)


# If photographs counted, pair 5 would be chosen of all five pairs and of no shard.
PHOTOGRAPHS_IN_SHARDS = [
    result(number, math.nan, ("", kind), photograph)
    for number, (kind, photograph) in enumerate(zip("bbaba", "10112", strict=True), start=1)
]


@given(RESULTS, st.integers(0, 30), st.sampled_from(["higher", "lower", "one", None]), st.integers(1, 5))
@example(PHOTOGRAPHS_IN_SHARDS, 2, None, 2)
def test_what_is_chosen_of_all_is_chosen_of_its_shard(
    results: list[PairResult], most: int, better: Better | None, parts: int
) -> None:
    shards = [choose_pairs(results[part::parts], better, most) for part in range(parts)]
    assert set(choose_pairs(results, better, most)) <= {number for shard in shards for number in shard}


@given(RESULTS, st.integers(0, 90), st.sampled_from(["higher", "lower", "one", None]))
def test_as_many_are_chosen_as_asked_or_all(
    results: list[PairResult], most: int, better: Better | None
) -> None:
    assert len(choose_pairs(results, better, most)) == min(most, len(results))


def test_the_worst_come_first_then_the_best() -> None:
    values = [5.0, 1.0, math.nan, 9.0, 2.0, math.inf, 7.0, 3.0, 4.0]
    results = [result(number, value) for number, value in enumerate(values, start=1)]
    chosen = choose_pairs(results, "higher", 6)
    assert list(chosen.items())[:4] == [(2, "worst"), (5, "worst"), (6, "best"), (4, "best")]
    chosen = choose_pairs(results, "lower", 6)
    assert list(chosen.items())[:4] == [(6, "worst"), (4, "worst"), (2, "best"), (5, "best")]
    chosen = choose_pairs(results, "one", 6)
    assert list(chosen.items())[:4] == [(6, "worst"), (4, "worst"), (2, "best"), (5, "best")]


def test_others_are_spread_evenly_over_bins_and_kinds() -> None:
    sorts = [("a", "thin")] * 80 + [("a", "box")] * 5 + [("b", "thin")] * 3 + [("b", "box")] * 1
    results = [result(number, math.nan, sort) for number, sort in enumerate(sorts, start=1)]
    chosen = [sorts[number - 1] for number in choose_pairs(results, "higher", 12)]
    assert {sort: chosen.count(sort) for sort in sorts} == {
        ("a", "thin"): 4,
        ("a", "box"): 4,
        ("b", "thin"): 3,
        ("b", "box"): 1,
    }

"""Which pairs of an evaluation are shown as pictures: the worst, the best, and some of every sort.

What is chosen of all pairs is also chosen of the shard that holds it, so each shard can keep its pictures by itself.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from splpaint.evaluation.records import PairResult

__all__ = ["Why", "choose_pairs"]

Why = Literal["worst", "best", "spread"]


def choose_pairs(
    results: Iterable[PairResult], better: Literal["higher", "lower", "one"] | None, most: int
) -> dict[int, Why]:
    """Choose pairs by the first method's value of the first measure.

    Args:
        results: All pairs, or those of a shard.
        better: Which values of the first measure are; None if there is no measure.
        most: How many are chosen, if there are as many.

    Returns:
        Number of the pair => why it was chosen: a third of them are the worst ones, from the worst on; a third the
        best ones, from the best on; the others are spread evenly over bins of hole ratios and kinds of masks.
    """
    pairs = [_sketch(result, better) for result in results]
    scored = sorted((pair for pair in pairs if not math.isnan(pair.score)), key=lambda pair: pair[:2])
    worst = scored[: most // 3]
    best = scored[len(worst) :][::-1][: most // 3]
    taken = {pair.number for pair in (*worst, *best)}
    spread = _spread([pair for pair in pairs if pair.number not in taken])[: most - len(taken)]
    reasons: Mapping[Why, Sequence[_Sketch]] = {"worst": worst, "best": best, "spread": spread}
    return {pair.number: why for why, chosen in reasons.items() for pair in chosen}


class _Sketch(NamedTuple):
    score: float  # more is better
    number: int
    sort: tuple[str, str]


_SCORES: Mapping[str, Callable[[float], float]] = {
    "higher": lambda value: value,
    "lower": lambda value: -value,
    "one": lambda value: -abs(value - 1),
}


def _sketch(result: PairResult, better: str | None) -> _Sketch:
    score = math.nan
    if better is not None:
        values = next(iter(result.values.values()))
        score = _SCORES[better](next(iter(values.values())))
    return _Sketch(score, result.number, (result.bin, result.mask))


def _spread(pairs: Sequence[_Sketch]) -> list[_Sketch]:
    """One pair of every sort, then a second one of every sort ...; within a sort in an order without meaning."""
    times: dict[tuple[str, str], int] = {}
    ranked = []
    for pair in sorted(pairs, key=lambda pair: hashlib.sha256(str(pair.number).encode()).digest()):
        times[pair.sort] = times.get(pair.sort, 0) + 1
        ranked.append((times[pair.sort], pair.sort, pair))
    return [pair for _, _, pair in sorted(ranked, key=lambda entry: entry[:2])]

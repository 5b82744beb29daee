"""Which pairs of an evaluation are shown as pictures: the worst, the best, and some of every sort.

What is chosen of all pairs is also chosen of the shard that holds it, so each shard can keep its pictures by itself.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from splpaint.evaluation.measures import Better, score
from splpaint.evaluation.records import PairResult
from splpaint.evaluation.turns import take_turns

__all__ = ["Why", "choose_pairs"]

Why = Literal["worst", "best", "spread"]


def choose_pairs(results: Iterable[PairResult], better: Better | None, most: int) -> dict[int, Why]:
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
    others = sorted((pair for pair in pairs if pair.number not in taken), key=_without_meaning)
    # Photographs do not count: those of other shards are not known.
    turns = take_turns(others, sort=lambda pair: pair.sort, photograph=lambda pair: "")
    spread = list(islice(turns, most - len(taken)))
    reasons: Mapping[Why, Sequence[_Sketch]] = {"worst": worst, "best": best, "spread": spread}
    return {pair.number: why for why, chosen in reasons.items() for pair in chosen}


class _Sketch(NamedTuple):
    score: float  # more is better
    number: int
    sort: tuple[str, str]


def _sketch(result: PairResult, better: Better | None) -> _Sketch:
    found = math.nan
    if better is not None:
        values = next(iter(result.values.values()))
        found = score(next(iter(values.values())), better)
    return _Sketch(found, result.number, (result.bin, result.mask))


def _without_meaning(pair: _Sketch) -> bytes:
    """Gives an order that has nothing to do with that of the manifest."""
    return hashlib.sha256(str(pair.number).encode()).digest()

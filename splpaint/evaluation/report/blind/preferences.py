"""Answers to a blind sheet, counted: how often each method is preferred, and each of two methods to the other one.

Intervals are Wilson's (1927): a sheet has a few dozen pairs, and 12 of 12 must not look certain, as it would after a
bootstrap. They count photographs, not answers: two viewers, or two masks of one photograph, are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from splpaint.evaluation.report.blind.answers import Answers
from splpaint.evaluation.report.blind.key import BlindKey
from splpaint.evaluation.statistics import wilson_interval

__all__ = ["Contest", "Preference", "Preferences", "count_preferences"]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Preference(_Fact):
    """How often a method is preferred.

    Attributes:
        votes: Each answer that is not undecided is one vote; methods that are preferred alike divide it.
        share: Of all votes, in [0,1]; None if there are none.
        low: Lower end of its 95 % interval.
        high: Upper end.
    """

    votes: float
    share: float | None
    low: float | None
    high: float | None


class Contest(_Fact):
    """Two methods beside each other.

    Attributes:
        first: A method.
        second: Another one.
        first_preferred: Answers that prefer the first one to the second.
        second_preferred: Answers that prefer the second one.
        undecided: Answers that prefer both or neither of them.
        share: Of the first one among the answers that are not undecided, in [0,1]; None if there are none.
        low: Lower end of its 95 % interval.
        high: Upper end.
    """

    first: str
    second: str
    first_preferred: int
    second_preferred: int
    undecided: int
    share: float | None
    low: float | None
    high: float | None


class Preferences(_Fact):
    """All answers to a sheet.

    Attributes:
        sheet: The sheet's name.
        manifest_sha256: Checksum of the manifest.
        protocol: The protocol's name.
        viewers: How many have answered.
        pairs: Of the sheet.
        photographs: Different ones in them.
        undecided: Answers that prefer nothing, or everything.
        methods: Name => how often it is preferred.
        contests: Of every two methods.
    """

    sheet: str
    manifest_sha256: str
    protocol: str
    viewers: int
    pairs: int
    photographs: int
    undecided: int
    methods: dict[str, Preference]
    contests: list[Contest]


def count_preferences(key: BlindKey, viewers: Sequence[Answers]) -> Preferences:
    """Count the answers of all viewers.

    Args:
        key: Of the sheet.
        viewers: At least one.
    """
    choices = [
        _choice(pair.letters, pair.image_sha256, answers[pair.pair])
        for pair in key.pairs
        for answers in viewers
    ]
    decided = [choice for choice in choices if choice.preferred]
    return Preferences(
        sheet=key.sheet,
        manifest_sha256=key.manifest_sha256,
        protocol=key.protocol,
        viewers=len(viewers),
        pairs=len(key.pairs),
        photographs=len({pair.image_sha256 for pair in key.pairs}),
        undecided=len(choices) - len(decided),
        methods={method: _preference(method, decided) for method in key.methods},
        contests=[_contest(first, second, choices) for first, second in combinations(key.methods, 2)],
    )


class _Choice(NamedTuple):
    preferred: frozenset[str]  # methods
    photograph: str


def _choice(letters: dict[str, list[str]], photograph: str, chosen: frozenset[str]) -> _Choice:
    meant = chosen if len(chosen) < len(letters) else frozenset()
    return _Choice(frozenset(method for letter in meant for method in letters[letter]), photograph)


def _preference(method: str, decided: Sequence[_Choice]) -> Preference:
    votes = sum(1 / len(choice.preferred) for choice in decided if method in choice.preferred)
    return Preference(votes=round(votes, 6), **_shared(votes, decided))


def _contest(first: str, second: str, choices: Sequence[_Choice]) -> Contest:
    won = [choice for choice in choices if first in choice.preferred and second not in choice.preferred]
    lost = [choice for choice in choices if second in choice.preferred and first not in choice.preferred]
    return Contest(
        first=first,
        second=second,
        first_preferred=len(won),
        second_preferred=len(lost),
        undecided=len(choices) - len(won) - len(lost),
        **_shared(len(won), won + lost),
    )


def _shared(votes: float, decided: Sequence[_Choice]) -> dict[str, float | None]:
    if not decided:
        return {"share": None, "low": None, "high": None}
    part = votes / len(decided)
    low, high = wilson_interval(part, len({choice.photograph for choice in decided}))
    return {"share": round(part, 6), "low": round(low, 6), "high": round(high, 6)}

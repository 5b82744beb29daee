"""Some pairs of every sort, as far as possible of different photographs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

__all__ = ["take_turns"]

_Pair = TypeVar("_Pair")


def take_turns(
    pairs: Iterable[_Pair], *, sort: Callable[[_Pair], Hashable], photograph: Callable[[_Pair], str]
) -> Iterator[_Pair]:
    """Give all pairs, one after another: take as many as are wanted.

    Args:
        pairs: Those that come first are given first, as far as the turns allow.
        sort: What a pair is one of, such as its bin: sorts take turns until they have no more.
        photograph: Which photograph a pair shows: within a sort, one that was seldom given comes first.
    """
    waiting: dict[Hashable, list[_Pair]] = {}
    for pair in pairs:
        waiting.setdefault(sort(pair), []).append(pair)
    given: Counter[str] = Counter()
    while waiting:
        for name, those in list(waiting.items()):
            place = min(range(len(those)), key=lambda place: given[photograph(those[place])])
            given[photograph(those[place])] += 1
            yield those.pop(place)
            if not those:
                del waiting[name]

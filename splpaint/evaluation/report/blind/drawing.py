"""Which pairs a blind sheet shows, and in which order the methods stand: drawn by a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import NamedTuple

from splpaint.random_streams import random_stream

__all__ = ["Candidate", "draw_letters", "draw_pairs"]


class Candidate(NamedTuple):
    """A pair that may be drawn.

    Attributes:
        number: Its place in the manifest, from 1.
        photograph: Checksum of its picture.
        bin: Label of its hole's ratio.
        mask: Kind of its mask.
    """

    number: int
    photograph: str
    bin: str
    mask: str


def draw_pairs(candidates: Sequence[Candidate], seed: int) -> Iterator[Candidate]:
    """Draw all pairs, one after another: take as many as are wanted.

    Bins and kinds of masks take turns, and photographs that were not drawn yet come first.
    """
    waiting: dict[tuple[str, str], list[Candidate]] = {}
    for place in random_stream(seed, 0).permutation(len(candidates)):
        candidate = candidates[place]
        waiting.setdefault((candidate.bin, candidate.mask), []).append(candidate)
    drawn: Counter[str] = Counter()
    while waiting:
        for sort, those in list(waiting.items()):
            candidate = min(those, key=lambda each: drawn[each.photograph])
            drawn[candidate.photograph] += 1
            yield candidate
            those.remove(candidate)
            if not those:
                del waiting[sort]


def draw_letters(pictures: int, seed: int, number: int) -> dict[str, int]:
    """Draw the letters of a pair's pictures.

    Args:
        pictures: How many different ones there are, at most 26.
        seed: Of the sheet.
        number: Of the pair, from 1.

    Returns:
        Letter => the picture's place, from 0; letters from A on.
    """
    order = random_stream(seed, number).permutation(pictures).tolist()
    return dict(zip(ascii_uppercase, order, strict=False))

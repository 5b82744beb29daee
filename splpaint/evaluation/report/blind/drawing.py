"""Which pairs a blind sheet shows, and in which order the methods stand: drawn by a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import NamedTuple

from splpaint.evaluation.turns import take_turns
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
    order = random_stream(seed, 0).permutation(len(candidates))
    return take_turns(
        (candidates[place] for place in order),
        sort=lambda each: (each.bin, each.mask),
        photograph=lambda each: each.photograph,
    )


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

"""Dealing masks to an evaluation: without end, to fill ratio bins, or by given numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, count, islice
from typing import NamedTuple

import numpy as np

from splpaint.errors import InputError
from splpaint.masks import RATIO_BINS, Frame, Mask, MaskOrigin, MaskSource, ratio_bin
from splpaint.random_streams import random_stream
from splpaint.shares import Share

__all__ = ["MaskRecord", "deal", "deal_in_groups", "deal_per_bin", "mask_recorder"]

# Twelve irregular masks in a row hold each bin once with and once without contact to the border.
_BLOCK = 12
_RECORDS_KEPT = 100_000
_PATIENCE = 2000  # masks tried in vain before a bin is given up


class MaskRecord(NamedTuple):
    """What a manifest records of a ``Mask``: the hole's share of the pixels instead of the hole itself."""

    origin: MaskOrigin
    seed: int | None
    number: int | None
    sha256: str
    ratio: float

    @classmethod
    def of(cls, mask: Mask) -> MaskRecord:
        """Record a mask; the share is rounded to 6 decimals."""
        ratio = round(int(np.count_nonzero(mask.hole)) / mask.hole.size, 6)
        return cls(mask.origin, mask.seed, mask.number, mask.sha256, ratio)


RecordMask = Callable[[int, Frame], MaskRecord]
"""Records the mask of a number in a frame."""


def mask_recorder(source: MaskSource, seed: int) -> RecordMask:
    """Give the function that draws or reads a mask and records it; no file is read twice for the same frame.

    It raises an ``InputError`` if a file cannot be read or is an empty mask.
    """

    def record(number: int, frame: Frame) -> MaskRecord:
        mask = source.mask(number, seed=seed, frame=frame)
        mask.require_hole()
        return MaskRecord.of(mask)

    # Files come again; drawn masks do not.
    return record if source.count is None else lru_cache(_RECORDS_KEPT)(record)


def deal(source: MaskSource, *, seed: int, mask_set: Share) -> Iterator[int]:
    """Deal the numbers of masks without end, those of one of several sets of the same seed: no two sets share any.

    Drawn masks come by index, in blocks of twelve that the sets take in turn. Each set has its share of the files,
    which are dealt in an order shuffled by the seed, each once before any comes again.

    Raises:
        InputError: There are fewer files than sets.
    """
    yield from _blocks(mask_set) if source.count is None else _shuffle(source.count, seed, mask_set)


def _blocks(mask_set: Share) -> Iterator[int]:
    for place in count():
        block = place // _BLOCK * mask_set.parts + mask_set.part - 1
        yield block * _BLOCK + place % _BLOCK


def _shuffle(masks: int, seed: int, mask_set: Share) -> Iterator[int]:
    own = _own_numbers(masks, seed, mask_set)
    random = random_stream(seed)
    while True:
        yield from map(int, own[random.permutation(len(own))])


def _own_numbers(masks: int, seed: int, mask_set: Share) -> np.ndarray:
    """The numbers, ascending, of the masks that belong to a set."""
    if masks < mask_set.parts:
        raise InputError(
            f"expected at least one mask file for each of {mask_set.parts} set(s), got {masks}; give more masks or "
            "ask for fewer sets"
        )
    if mask_set.parts == 1:
        return np.arange(masks)
    return np.sort(random_stream(seed, 3).permutation(masks)[mask_set.part - 1 :: mask_set.parts])


def deal_in_groups(source: MaskSource, size: int, *, seed: int, mask_set: Share) -> Iterator[list[int]]:
    """Deal the masks of ``deal`` in groups of ``size`` different ones; one that would come twice in a group is put off.

    Raises:
        InputError: There are fewer files than ``size`` or than sets.
    """
    own = _own_count(source, seed, mask_set)
    if own is not None and own < size:
        raise InputError(
            f"expected at least {size} mask files for {size} masks per image, got {own}; ask for fewer with "
            "`masks_per_image`, or give more"
        )
    dealt = deal(source, seed=seed, mask_set=mask_set)
    put_off: list[int] = []  # always fewer than a group
    while True:
        group: list[int] = []
        again: list[int] = []
        for number in chain(put_off, dealt):
            (again if number in group else group).append(number)
            if len(group) == size:
                break
        put_off = again
        yield group


def _own_count(source: MaskSource, seed: int, mask_set: Share) -> int | None:
    """How many different masks a set has; None: no end."""
    return None if source.count is None else len(_own_numbers(source.count, seed, mask_set))


def deal_per_bin(
    source: MaskSource, per_bin: int, *, seed: int, mask_set: Share, frame_of: Callable[[int], Frame]
) -> list[MaskRecord]:
    """Deal the first ``per_bin`` masks of ``deal`` for each ratio bin, in the order of the bins.

    Args:
        source: The masks.
        per_bin: Masks in each bin.
        seed: Seed of drawn masks, and of the order of files.
        mask_set: Whose masks are dealt.
        frame_of: The frame of each pair: that of the first bin's first is 0, of the second bin's first ``per_bin``.

    Raises:
        InputError: There are too few masks of a bin, or none is drawn for a long time; or a file cannot be read or is
            an empty mask.
    """
    wanted: dict[str, list[MaskRecord]] = {label: [] for label in RATIO_BINS}
    first_of = {label: place * per_bin for place, label in enumerate(RATIO_BINS)}
    record, usual = mask_recorder(source, seed), frame_of(0)
    in_vain = 0
    numbers = deal(source, seed=seed, mask_set=mask_set)
    for number in islice(numbers, _own_count(source, seed, mask_set)):
        mask = record(number, usual)
        label = ratio_bin(mask.ratio) or ""
        found = wanted.get(label)
        in_vain += 1
        if found is not None and len(found) < per_bin:
            frame = frame_of(first_of[label] + len(found))
            if frame != usual:  # the hole's share may be another there
                mask = record(number, frame)
            if ratio_bin(mask.ratio) == label:
                found.append(mask)
                in_vain = 0
        if in_vain > _PATIENCE or all(len(masks) == per_bin for masks in wanted.values()):
            break
    missing = [f"{len(masks)} in {label}" for label, masks in wanted.items() if len(masks) < per_bin]
    if missing:
        raise InputError(
            f"expected {per_bin} masks in each ratio bin, got only {', '.join(missing)}; ask for fewer with "
            "`per_bin`, or take other masks (`irregular` has every bin)"
        )
    return [mask for masks in wanted.values() for mask in masks]

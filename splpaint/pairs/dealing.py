"""Which masks an evaluation gets, and in which order: running on, filling ratio bins, or by given numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, count
from typing import NamedTuple

import numpy as np

from splpaint.errors import InputError
from splpaint.masks import RATIO_BINS, DrawnMasks, Mask, MaskFiles, MaskSource, ratio_bin
from splpaint.random_streams import random_stream
from splpaint.shares import Share

__all__ = ["DealtMask", "deal", "deal_by_number", "deal_in_groups", "deal_per_bin"]

# Twelve irregular masks in a row hold each bin once with and once without contact to the border.
_BLOCK = 12
_PATIENCE = 2000  # masks looked at in vain before a bin is given up


class DealtMask(NamedTuple):
    """A mask without its pixels; everything else as ``Mask``."""

    cell: str
    seed: int | None
    number: int | None
    sha256: str
    ratio: float

    @classmethod
    def of(cls, mask: Mask) -> DealtMask:
        """Keep the hole's share of the pixels, rounded to 6 decimals, in place of the hole."""
        ratio = round(int(np.count_nonzero(mask.hole)) / mask.hole.size, 6)
        return cls(mask.cell, mask.seed, mask.number, mask.sha256, ratio)


def deal(source: MaskSource, *, seed: int, side_px: int, mask_set: Share) -> Iterator[DealtMask]:
    """Masks without end, those of one of several sets that share a seed: no two share a file, or an index.

    Drawn ones come by index, in blocks of twelve that the sets take in turn. Of files each set has its share,
    dealt out in an order shuffled by the seed, each once before any comes again.

    Raises:
        InputError: A file cannot be read or is an empty mask; there are fewer files than sets.
    """
    if isinstance(source, MaskFiles):
        yield from _deal_files(source, seed, side_px, mask_set)
        return
    for place in count():
        block = place // _BLOCK * mask_set.parts + mask_set.part - 1
        index = block * _BLOCK + place % _BLOCK
        yield DealtMask.of(source.draw(seed=seed, index=index, height=side_px, width=side_px))


def deal_in_groups(
    source: MaskSource, size: int, *, seed: int, side_px: int, mask_set: Share
) -> Iterator[list[DealtMask]]:
    """The masks of ``deal``, ``size`` different ones at a time; one that comes twice in a group is put off.

    Raises:
        InputError: There are fewer files than that; else as ``deal``.
    """
    if isinstance(source, MaskFiles) and (own := len(_own_files(source, seed, mask_set))) < size:
        raise InputError(
            f"expected at least {size} mask files for {size} masks per image, got {own}; ask for fewer with "
            "--per-image, or give more"
        )
    dealt = deal(source, seed=seed, side_px=side_px, mask_set=mask_set)
    put_off: list[DealtMask] = []  # always fewer than a group
    while True:
        group: list[DealtMask] = []
        again: list[DealtMask] = []
        for mask in chain(put_off, dealt):
            (again if mask in group else group).append(mask)
            if len(group) == size:
                break
        put_off = again
        yield group


def _deal_files(source: MaskFiles, seed: int, side_px: int, mask_set: Share) -> Iterator[DealtMask]:
    files = _FileMasks(source, side_px)
    own = _own_files(source, seed, mask_set)
    random = random_stream(seed)
    while True:
        for place in random.permutation(len(own)):
            yield files[int(own[place])]


def deal_by_number(source: MaskFiles, numbers: Iterable[int], *, side_px: int) -> Iterator[DealtMask]:
    """The files of these places in the list; errors as ``deal``."""
    files = _FileMasks(source, side_px)
    for number in numbers:
        yield files[number]


def deal_per_bin(
    source: MaskSource, per_bin: int, *, seed: int, side_px: int, mask_set: Share
) -> list[list[DealtMask]]:
    """The first ``per_bin`` masks of ``deal`` for each ratio bin, in the order of the bins.

    Raises:
        InputError: The source has too few of a bin, or of a drawn kind none comes for a long time; else as
            ``deal``.
    """
    wanted: dict[str, list[DealtMask]] = {label: [] for label in RATIO_BINS}
    in_vain = 0
    for mask in _once(source, seed, side_px, mask_set):
        found = wanted.get(ratio_bin(mask.ratio) or "")
        in_vain += 1
        if found is not None and len(found) < per_bin:
            found.append(mask)
            in_vain = 0
        if in_vain > _PATIENCE or all(len(masks) == per_bin for masks in wanted.values()):
            break
    missing = [f"{len(masks)} in {label}" for label, masks in wanted.items() if len(masks) < per_bin]
    if missing:
        raise InputError(
            f"expected {per_bin} masks in each ratio bin, got only {', '.join(missing)}; ask for fewer with "
            "--per-bin, or take other masks (`irregular` has every bin)"
        )
    return list(wanted.values())


def _once(source: MaskSource, seed: int, side_px: int, mask_set: Share) -> Iterator[DealtMask]:
    dealt = deal(source, seed=seed, side_px=side_px, mask_set=mask_set)
    if isinstance(source, DrawnMasks):
        return dealt
    own = len(_own_files(source, seed, mask_set))
    return (mask for _, mask in zip(range(own), dealt, strict=False))


def _own_files(source: MaskFiles, seed: int, mask_set: Share) -> np.ndarray:
    files = len(source.files)
    if files < mask_set.parts:
        raise InputError(
            f"expected at least one mask file for each of {mask_set.parts} set(s), got {files}; give more masks or "
            "ask for fewer sets"
        )
    if mask_set.parts == 1:
        return np.arange(files)
    return np.sort(random_stream(seed, 3).permutation(files)[mask_set.part - 1 :: mask_set.parts])


class _FileMasks:
    """Mask files by number; what a file gives is remembered, so none is read twice."""

    def __init__(self, source: MaskFiles, side_px: int) -> None:
        self._source = source
        self._side_px = side_px
        self._known: dict[int, DealtMask] = {}

    def __getitem__(self, number: int) -> DealtMask:
        if number not in self._known:
            mask = self._source.read(number, side_px=self._side_px)
            if not mask.hole.any():
                raise InputError(
                    f"expected a hole, got the empty mask {mask.cell} (read as {self._source.polarity}); "
                    "leave it out"
                )
            self._known[number] = DealtMask.of(mask)
        return self._known[number]

"""Statistics of a set of mask files: the holes' share of the image and whether they come near the border.

Ratios are computed file by file, from the file at its own size: names and order of published sets do not say
reliably which bin a mask belongs to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from splpaint.errors import InputError
from splpaint.images import BrokenFile, Hole
from splpaint.masks.mask_files import read_hole
from splpaint.masks.polarity import Polarity
from splpaint.masks.ratios import RATIO_BINS, ratio_bin

__all__ = ["MaskStats", "mask_stats", "near_border", "ratio_table", "survey_masks"]


class MaskStats(NamedTuple):
    """Statistics of one mask.

    Attributes:
        file: Its path.
        width: Pixels.
        height: Pixels.
        ratio: The hole's share of the pixels, in [0,1].
        bin: Label of ``ratio_bin``; empty if the ratio lies in none.
        near_border: Whether any hole pixel lies within 50/512 of the side from the border.
    """

    file: Path
    width: int
    height: int
    ratio: float
    bin: str
    near_border: bool

    def cells(self) -> tuple[object, ...]:
        """Everything but the file, as cells of a table."""
        return self.width, self.height, f"{self.ratio:.6f}", self.bin, int(self.near_border)


def survey_masks(files: Iterable[Path], polarity: Polarity) -> Iterator[MaskStats | BrokenFile]:
    """Measure each file in turn; one is in memory at a time."""
    for file in files:
        try:
            yield mask_stats(file, read_hole(file, polarity))
        except InputError as error:
            yield BrokenFile(file, str(error))


def mask_stats(file: Path, hole: Hole) -> MaskStats:
    """Measure a hole, bool (H,W)."""
    ratio = int(np.count_nonzero(hole)) / hole.size
    return MaskStats(file, hole.shape[1], hole.shape[0], ratio, ratio_bin(ratio) or "", near_border(hole))


def near_border(hole: Hole) -> bool:
    """Whether a hole (H,W) comes within 50/512 of the image's height or width (rounded down) of a border."""
    top, left = hole.shape[0] * 50 // 512, hole.shape[1] * 50 // 512
    inner = hole[top : hole.shape[0] - top, left : hole.shape[1] - left]
    return bool(np.count_nonzero(hole) > np.count_nonzero(inner))


def ratio_table(survey: Iterable[MaskStats]) -> list[str]:
    """Lines of a table: numbers of masks by ratio bin, away from and near the border."""
    counts: Counter[tuple[str, bool]] = Counter()
    ratios = []
    for mask in survey:
        counts[mask.bin, mask.near_border] += 1
        ratios.append(mask.ratio)
    lines = [f"{'holes':<12}{'off border':>12}{'near border':>13}{'together':>10}"]
    for label in (*RATIO_BINS, ""):
        off, near = counts[label, False], counts[label, True]
        if label or off or near:
            lines.append(f"{label or 'other':<12}{off:>12}{near:>13}{off + near:>10}")
    if ratios:
        mean = sum(ratios) / len(ratios)
        span = f"{min(ratios):.1%} to {max(ratios):.1%}, {mean:.1%} on average"
        lines.append(f"{len(ratios)} masks; holes cover {span}")
    return lines

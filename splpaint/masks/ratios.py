"""Bins of hole ratios, those of Liu et al. 2018 ("Image Inpainting for Irregular Holes", sec. 4.1)."""

from __future__ import annotations

from itertools import pairwise

__all__ = ["RATIO_BINS", "ratio_bin"]

_BINS_PERCENT = tuple(pairwise((1, 10, 20, 30, 40, 50, 60)))

RATIO_BINS: dict[str, tuple[float, float]] = {
    f"({low / 100:g},{high / 100:g}]": (low / 100, high / 100) for low, high in _BINS_PERCENT
}
"""Label -> (a, b): the hole ratios a < ratio <= b, of Liu et al."""


def ratio_bin(ratio: float) -> str | None:
    """Label of the bin that holds a hole ratio in [0,1], such as "(0.1,0.2]"; None outside (0.01,0.6]."""
    return next((label for label, (low, high) in RATIO_BINS.items() if low < ratio <= high), None)

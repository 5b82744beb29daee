"""Colours without their finest differences, and differences that are not those of another thing."""

from __future__ import annotations

import numpy as np

from splpaint.inference.fillings.origins import Floats

__all__ = ["alike", "smooth"]


def smooth(colours: Floats, times: int) -> Floats:
    """Binomial smoothing: (h,w,C) => (h,w,C), over one pixel more on each side every time."""
    for _ in range(times):
        even = np.pad(colours, ((1, 1), (1, 1), (0, 0)), mode="edge")
        down = even[:-2] + 2 * even[1:-1] + even[2:]
        colours = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 16
    return colours


def alike(differences: Floats, much: np.float32) -> Floats:
    """How much differences of colours count: (...,C) => (...,1), 1 for none, a half for ``much``, less for more.

    Evened out, larger ones would show as halos.
    """
    weights: Floats = 1 / (1 + (np.abs(differences).max(axis=-1, keepdims=True) / much) ** 2)
    return weights

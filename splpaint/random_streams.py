"""Random numbers that belong to a key, such as (seed, index): the same on every machine and in every version."""

from __future__ import annotations

import numpy as np

__all__ = ["random_stream"]


def random_stream(*key: int) -> np.random.RandomState:
    """The random numbers that belong to a key, such as (seed, index)."""
    # RandomState's streams are frozen (NEP 19), those of Generator are not. Masks use only random_sample: its
    # value is exact, while uniform() multiplies and adds, which some compilers fuse.
    return np.random.RandomState(np.random.MT19937(np.random.SeedSequence(list(key))))

"""The precisions that networks compute in, by name; what ``auto`` means is for those who run the networks to say."""

from __future__ import annotations

from typing import Literal, cast, get_args

from splpaint.errors import InputError

__all__ = ["Precision", "PrecisionChoice", "precision_named"]

Precision = Literal["fp32", "bf16"]
"""What a network computes in."""

PrecisionChoice = Literal["auto", Precision]
"""What a user may ask for; ``auto``: what suits the machine."""


def precision_named(name: str) -> PrecisionChoice:
    """The choice that a user calls by this name.

    Raises:
        InputError: There is no such precision.
    """
    known = get_args(PrecisionChoice)
    if name not in known:
        raise InputError(f"precision must be one of {', '.join(known)}, got {name[:60]!r}")
    return cast("PrecisionChoice", name)

"""A share of some work, K/N: the K-th of N parts, for several machines or for disjoint sets."""

from __future__ import annotations

import re
from typing import NamedTuple

from splpaint.errors import InputError

__all__ = ["WHOLE", "Share"]

_SHARE = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)


class Share(NamedTuple):
    """Part number ``part``, from 1, of ``parts``."""

    part: int
    parts: int

    @classmethod
    def parse(cls, text: str, name: str) -> Share:
        """Read ``K/N``.

        Args:
            text: What the user gave.
            name: What the message calls it.

        Raises:
            InputError: It is not of this form, or K is not one of 1 to N.
        """
        found = _SHARE.fullmatch(text)
        share = cls(int(found[1]), int(found[2])) if found else cls(0, 0)
        share.require_valid(name, text[:60])
        return share

    def require_valid(self, name: str, got: str = "") -> None:
        """Refuse a part that is not one of 1 to ``parts``.

        Args:
            name: What the message calls it.
            got: What the user gave; by default the share.

        Raises:
            InputError: It is not.
        """
        if not 1 <= self.part <= self.parts:
            raise InputError(
                f"{name} must be one of 1/N to N/N, got {got or f'{self.part}/{self.parts}'!r}; for example 1/4"
            )


WHOLE = Share(1, 1)
"""The whole work."""

"""What white means in a mask file: stated by a person or a collection, never guessed."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Polarity"]


class Polarity(StrEnum):
    """Which colour of a mask file is the hole."""

    WHITE_HOLE = "white-hole"
    WHITE_KNOWN = "white-known"

    @property
    def other(self) -> Polarity:
        """The other way round."""
        return Polarity.WHITE_KNOWN if self == Polarity.WHITE_HOLE else Polarity.WHITE_HOLE

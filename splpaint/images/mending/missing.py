"""What a damaged picture lacks, in words."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Mended", "name_rows"]


class Mended(NamedTuple):
    """A picture that can be decoded.

    Attributes:
        data: The file.
        missing: What of the picture is missing, as half a sentence.
    """

    data: bytes
    missing: str


def name_rows(missing: list[int], height: int) -> str:
    """Put missing rows into words: the first and the last of them, and how many.

    Args:
        missing: Their numbers from 0, in order.
        height: Of the picture as stored.
    """
    if not missing:
        return "no part of the picture is missing"
    share = f"{len(missing) / height:.0%} of the picture"
    return f"rows {missing[0]} to {missing[-1]} of {height}, as it is stored, are missing ({share})"

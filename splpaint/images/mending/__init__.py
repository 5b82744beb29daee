"""Damaged pictures made whole, so that what is there can be decoded; what is missing is black or grey, and said."""

from __future__ import annotations

from splpaint.images.mending.jpeg import mend_jpeg
from splpaint.images.mending.missing import Mended
from splpaint.images.mending.png import mend_png
from splpaint.images.mending.tiff import mend_tiff

__all__ = ["Mended", "can_be_mended", "mend"]

_MENDERS = {b"\xff\xd8": mend_jpeg, b"\x89P": mend_png, b"II": mend_tiff, b"MM": mend_tiff}


def can_be_mended(head: bytes) -> bool:
    """Whether ``mend`` knows the format of a file that begins so."""
    return head[:2] in _MENDERS


def mend(data: bytes) -> Mended | None:
    """Make a picture whole.

    Args:
        data: What a JPEG, PNG or TIFF holds that cannot be decoded as it is.

    Returns:
        None: nothing of it can be decoded, or its damage is of another kind.
    """
    mender = _MENDERS.get(data[:2])
    return mender(data) if mender else None

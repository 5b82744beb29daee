"""Bits per channel of a JPEG XL file, from its first bytes (ISO/IEC 18181-1, annexes A to D).

Pillow's plugin does not tell them, and may decode deep colours to 8 bits.
"""

from __future__ import annotations

__all__ = ["bits_per_channel"]

_CODESTREAM = b"\xff\x0a"
_CONTAINER = b"\0\0\0\x0cJXL "
_SIZES = ((9, 1), (13, 1), (18, 1), (30, 1))  # number of bits, and what is added


def bits_per_channel(head: bytes) -> int:
    """Read the bit depth; 32 for floating point, and where the header says something rarer than a photograph.

    Args:
        head: The beginning of a file, with or without container.
    """
    box = max(head.find(b"jxlc"), head.find(b"jxlp"), 0) if head.startswith(_CONTAINER) else 0
    start = head.find(_CODESTREAM, box)
    bits = _Bits(head[start + 2 :] if start >= 0 else b"")
    _skip_size(bits)
    if bits.take(1):  # all default
        return 8
    if bits.take(1):  # extra fields: orientation, intrinsic size, preview, animation
        bits.take(3)
        if bits.take(1):
            _skip_size(bits)
        if bits.take(1) or bits.take(1):
            return 32
    if bits.take(1):  # floating point
        return 32
    return bits.choose(((0, 8), (0, 10), (0, 12), (6, 1)))


def _skip_size(bits: _Bits) -> None:
    small = bits.take(1)
    bits.take(5) if small else bits.choose(_SIZES)
    if bits.take(3) == 0:  # no fixed ratio: the width follows
        bits.take(5) if small else bits.choose(_SIZES)


class _Bits:
    """Bits in the order of the format: the lowest of each byte first; zeros at the end."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data[:64], "little")

    def take(self, count: int) -> int:
        value = self._left & ((1 << count) - 1)
        self._left >>= count
        return value

    def choose(self, distributions: tuple[tuple[int, int], ...]) -> int:
        count, added = distributions[self.take(2)]
        return self.take(count) + added

"""Size and bits per channel of a JPEG XL file, from the beginning of its codestream (ISO/IEC 18181-1, annexes A to D).

Pillow's plugin does not tell the bits, and may decode deep colours to 8 bits; and it decodes what it opens, however
large.
"""

from __future__ import annotations

from typing import BinaryIO

from splpaint.images.containers import find_boxes

__all__ = ["bits_per_channel", "size"]

_CODESTREAM = b"\xff\x0a"
_HEADER_BYTES = 64
_RATIOS = {
    1: (1, 1),
    2: (12, 10),
    3: (4, 3),
    4: (3, 2),
    5: (16, 9),
    6: (5, 4),
    7: (2, 1),
}  # of width to height
_SIZES = ((9, 1), (13, 1), (18, 1), (30, 1))  # number of bits, and what is added


def size(file: BinaryIO) -> tuple[int, int]:
    """Read width and height in pixels, as stored.

    Args:
        file: With or without container; the position is changed.
    """
    return _take_size(_codestream(file))


def bits_per_channel(file: BinaryIO) -> int:
    """Read the bit depth; 32 for floating point, and where the header says something rarer than a photograph.

    Args:
        file: With or without container; the position is changed.
    """
    bits = _codestream(file)
    _take_size(bits)
    if bits.take(1):  # all default
        return 8
    if bits.take(1):  # extra fields: orientation, intrinsic size, preview, animation
        bits.take(3)
        if bits.take(1):
            _take_size(bits)
        if bits.take(1) or bits.take(1):
            return 32
    if bits.take(1):  # floating point
        return 32
    return bits.choose(((0, 8), (0, 10), (0, 12), (6, 1)))


def _codestream(file: BinaryIO) -> _Bits:
    whole = ((box.start, 0) for box in find_boxes(file, b"jxlc"))
    in_parts = ((box.start, 4) for box in find_boxes(file, b"jxlp"))  # which begin with their numbers
    start, skipped = next(whole, None) or next(in_parts, (0, 0))
    file.seek(start + skipped)
    head = file.read(_HEADER_BYTES)
    return _Bits(head.removeprefix(_CODESTREAM) if head.startswith(_CODESTREAM) else b"")


def _take_size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)
    height = 8 * (1 + bits.take(5)) if small else bits.choose(_SIZES)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio]
        return height * across // down, height
    return (8 * (1 + bits.take(5)) if small else bits.choose(_SIZES)), height


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

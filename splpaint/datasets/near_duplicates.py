"""Pictures that look the same: difference hashes (Krawetz 2013) of 64 bits, compared by the number of unlike bits.

A hash says at 8 x 8 places of the picture, made grey and small, whether it gets brighter to the right. Copies that were
resized or saved again differ in few bits; so, now and then, do different pictures with little content.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.images import Pixels

__all__ = ["difference_hash", "near_duplicates"]

_MAX_BITS = 3
# Two hashes with at most three unlike bits agree in at least one of these four pieces of 16 bits.
_PIECES = tuple(np.uint64(16 * piece) for piece in range(_MAX_BITS + 1))
_LOW = np.uint64(0xFFFF)
_BITS_SET = np.array([number.bit_count() for number in range(1 << 16)], dtype=np.uint8)


def difference_hash(pixels: Pixels) -> int:
    """Hash of a picture, uint8 (H,W,3); the number's bits are the 8 x 8 places, row by row."""
    grey = Image.fromarray(pixels).convert("L").resize((9, 8), Image.Resampling.BOX)
    levels = np.asarray(grey)
    brighter = levels[:, 1:] > levels[:, :-1]  # uint8 (8,9) => bool (8,8)
    return int.from_bytes(np.packbits(brighter).tobytes(), "big")


def near_duplicates(hashes: NDArray[np.uint64]) -> list[list[int]]:
    """Group pictures whose hashes differ in at most 3 bits, directly or through others of the group.

    Args:
        hashes: One for each picture, (N,).

    Returns:
        Groups of at least two positions, ascending, in the order of their first ones.
    """
    unique, position = np.unique(hashes, return_inverse=True)
    parents = np.arange(len(unique))
    for first, second in _close(unique):
        parents[_root(parents, first)] = _root(parents, second)
    roots = np.array([_root(parents, number) for number in range(len(unique))], dtype=np.int64)
    groups: dict[int, list[int]] = {}
    for picture, root in enumerate(roots[position].tolist()):
        groups.setdefault(root, []).append(picture)
    return [group for group in groups.values() if len(group) > 1]


def _close(hashes: NDArray[np.uint64]) -> list[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for piece in _PIECES:
        keys = (hashes >> piece) & _LOW
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.arange(len(keys))
        # Each with the next, the next but one ..., as long as the piece is the same.
        for shift in range(1, len(keys)):
            starts = starts[starts + shift < len(keys)]
            starts = starts[keys[starts] == keys[starts + shift]]
            if not len(starts):
                break
            first, second = order[starts], order[starts + shift]
            near = _unlike_bits(hashes[first] ^ hashes[second]) <= _MAX_BITS
            found.update(zip(first[near].tolist(), second[near].tolist(), strict=True))
    return sorted(found)


def _unlike_bits(numbers: NDArray[np.uint64]) -> NDArray[np.uint8]:
    count = np.zeros(len(numbers), dtype=np.uint8)
    for piece in _PIECES:
        count += _BITS_SET[(numbers >> piece) & _LOW]
    return count


def _root(parents: NDArray[np.int64], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = int(parents[number])
    return number

"""The learning rate as a pure function of how many images have been seen."""

from __future__ import annotations


def trapezoid(images_seen: int, *, total: int, warmup: int, decay: int) -> float:
    """Factor on the rate: up from 0 over ``warmup``, 1, down to 0 over the last ``decay`` images.

    A run can be prolonged without a change to what it has done, as long as the decay has not begun.
    """
    rising = (images_seen + 1) / warmup if warmup else 1.0
    falling = (total - images_seen) / decay if decay else 1.0
    return max(0.0, min(1.0, rising, falling))


def lowered(epoch: int, *, from_epoch: int | None) -> float:
    """Factor on the rate: 0.1 from ``from_epoch`` on, 1 before; epochs count from 1 (SPL, sec. 4.1)."""
    return 0.1 if from_epoch is not None and epoch >= from_epoch else 1.0

"""What changes in the course of a run, as pure functions of the samples that it has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from splpaint.training.config import OptimiserConfig

__all__ = ["Schedule", "step_decay", "trapezoid"]


@dataclass(frozen=True)
class Schedule:
    """The learning rate, and how long the generator is distilled.

    Attributes:
        optimiser: The rate and how it changes.
        total_images: Samples of the whole run.
        images_per_epoch: How many photographs there are.
        distillation_until_epoch: Last epoch, counted from 1, with distillation; None: all.
        progressive: Sides of the first samples, each with the number of samples until which it holds.
    """

    optimiser: OptimiserConfig
    total_images: int
    images_per_epoch: int
    distillation_until_epoch: int | None = None
    progressive: Sequence[tuple[int, int]] = ()

    def rate(self, images_seen: int) -> float:
        """The learning rate of the next step."""
        factor = trapezoid(
            images_seen,
            total=self.total_images,
            warmup=self.optimiser.warmup_images,
            decay=round(self.optimiser.decay_share * self.total_images),
        ) * step_decay(self._epoch(images_seen), from_epoch=self.optimiser.lower_from_epoch)
        return self.optimiser.rate * factor

    def distils(self, images_seen: int) -> bool:
        """Whether the next step distils."""
        until = self.distillation_until_epoch
        return until is None or self._epoch(images_seen) <= until

    def side_px(self, images_seen: int) -> int | None:
        """The side that the samples of the next step are shrunk to; None: their own."""
        return next((side for side, until in self.progressive if images_seen < until), None)

    def _epoch(self, images_seen: int) -> int:
        return images_seen // self.images_per_epoch + 1


def trapezoid(images_seen: int, *, total: int, warmup: int, decay: int) -> float:
    """Factor on the rate: up from 0 over ``warmup``, 1, down to 0 over the last ``decay`` images.

    Until the decay begins, a run can be prolonged without any change to the steps it has taken.
    """
    rising = (images_seen + 1) / warmup if warmup else 1.0
    falling = (total - images_seen) / decay if decay else 1.0
    return max(0.0, min(1.0, rising, falling))


def step_decay(epoch: int, *, from_epoch: int | None) -> float:
    """Factor on the rate: 0.1 from ``from_epoch`` on, 1 before; epochs count from 1 (SPL, sec. 4.1)."""
    return 0.1 if from_epoch is not None and epoch >= from_epoch else 1.0

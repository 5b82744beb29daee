"""The batches of a run: from loading processes, or made on the training device."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Protocol

from splpaint.training.config import TrainingConfig
from splpaint.training.data import InpaintingDataset, ResidentSamples, Sample, UnreadableLog, training_batches
from splpaint.training.processes import Processes

__all__ = ["Batches", "open_batches"]


class Batches(Protocol):
    """Batches of one rank's share of the samples ``start`` to ``stop``, made with the help of ``workers`` processes."""

    def __call__(
        self, *, batch_size: int, start: int, stop: int, workers: int, rank: int = 0, world_size: int = 1
    ) -> Generator[Sample]:
        """Batches of ``batch_size`` samples each; the last may be smaller."""


def open_batches(
    config: TrainingConfig,
    dataset: InpaintingDataset,
    processes: Processes,
    *,
    total_images: int,
    unreadable: UnreadableLog,
    say: Callable[[str], object],
) -> Batches:
    """Open the batches as ``data.resident`` says; resident photographs are decoded here.

    Args:
        config: The whole run.
        dataset: Its samples.
        processes: That train together, and share the work of decoding.
        total_images: How many samples the run sees.
        unreadable: The list of photographs that cannot be decoded.
        say: Tells the user one line.

    Raises:
        InputError: The photographs do not fit the device, or more than 1 % of them cannot be decoded.
    """
    if not config.data.resident:
        return partial(training_batches, dataset)
    masks = min(config.data.resident_masks, total_images)
    samples = ResidentSamples(dataset, processes, masks=masks, say=say)
    for line in unreadable.add(samples.unreadable):
        say(f"cannot be decoded, the next one is taken: {line}")
    return samples.batches

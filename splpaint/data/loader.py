"""Loading batches of training samples, resumable at any sample."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import cast

from torch.utils.data import DataLoader

from splpaint.data.dataset import InpaintingDataset, Sample


def training_batches(
    dataset: InpaintingDataset, *, batch_size: int, start: int, stop: int, workers: int
) -> Iterator[Sample]:
    """Batches of the samples ``start`` to ``stop`` of the stream.

    Since a sample depends on its index alone, a run that starts again at ``start`` sees what an
    uninterrupted one would have seen, whatever the number of workers.

    Args:
        dataset: The stream.
        batch_size: Samples per batch; a last, smaller batch is given too.
        start: First index.
        stop: First index no longer given.
        workers: Loading processes; 0 loads in this one.
    """
    loader = DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=range(start, stop),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        worker_init_fn=_outlive_signals,
    )
    return cast(Iterator[Sample], iter(loader))


def _outlive_signals(worker: int) -> None:
    # Ctrl-C and kill reach the whole process group; the main process decides, and workers end with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

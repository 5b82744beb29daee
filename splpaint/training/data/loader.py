"""Loading batches of training samples, resumable at any sample and divided among ranks and workers."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import cast

from torch.utils.data import DataLoader, Dataset, default_collate

from splpaint.errors import InputError
from splpaint.training.data.dataset import InpaintingDataset, Sample, StreamPicture, as_floats
from splpaint.training.data.order import rank_indices

__all__ = ["training_batches"]


def training_batches(
    dataset: InpaintingDataset,
    *,
    batch_size: int,
    start: int,
    stop: int,
    workers: int,
    rank: int = 0,
    world_size: int = 1,
) -> Generator[Sample]:
    """Batches of one rank's share of the samples ``start`` to ``stop`` of the stream.

    Since a sample depends on its index alone, a run that starts again at ``start`` sees what an
    uninterrupted one would have seen, whatever the number of workers.

    Args:
        dataset: The stream.
        batch_size: Samples per batch of this rank; the last batch may be smaller.
        start: First index of all ranks' samples.
        stop: The index after the last.
        workers: Loading processes; 0 loads in this one.
        rank: Which share, from 0.
        world_size: Number of ranks.

    Raises:
        InputError: While iterating: a file cannot be read, or more than 1 % of the photographs cannot be decoded.
    """
    indices = rank_indices(start, stop, rank=rank, world_size=world_size)
    loader = DataLoader(
        _SamplesOrErrors(dataset),
        batch_size=batch_size,
        sampler=cast(
            Iterable[int], indices if dataset.pictures.sequential is None else _WindowReader(dataset, indices)
        ),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        collate_fn=_collate,
        worker_init_fn=_outlive_signals,
    )
    return _raise_errors(loader)


class _WindowReader:
    """Reads photographs that are best read one after the other, for loading processes that decode them.

    A window of the shuffled stream is read at a time, the next one while this one is decoded.
    """

    def __init__(self, dataset: InpaintingDataset, indices: range) -> None:
        self._dataset = dataset
        self._indices = indices

    def __iter__(self) -> Iterator[StreamPicture]:
        with ThreadPoolExecutor(1) as reader:
            pending = None
            for _, window in groupby(self._indices, self._dataset.order.window):
                following = reader.submit(self._read, list(window))
                yield from pending.result() if pending else ()
                pending = following
            yield from pending.result() if pending else ()

    def _read(self, indices: Sequence[int]) -> list[StreamPicture]:
        order, pictures = self._dataset.order, self._dataset.pictures
        read = {index: pictures.read(order(index)) for index in sorted(indices, key=order.reading_place)}
        return [StreamPicture(index, read[index]) for index in indices]


class _SamplesOrErrors(Dataset[Sample | InputError]):
    """Samples, or why there is none: an error raised in a worker would come with the worker's stack."""

    def __init__(self, dataset: InpaintingDataset) -> None:
        self._dataset = dataset

    def __getitem__(self, wanted: int) -> Sample | InputError:
        try:
            return self._dataset.as_bytes(wanted)  # bytes, which reach the main process sooner than floats
        except InputError as error:
            return InputError(str(error))


def _collate(samples: list[Sample | InputError]) -> Sample | InputError:
    error = next((sample for sample in samples if isinstance(sample, InputError)), None)
    return error or cast(Sample, default_collate(samples))


def _raise_errors(batches: Iterable[Sample | InputError]) -> Generator[Sample]:
    for batch in batches:
        if isinstance(batch, InputError):
            raise batch
        yield as_floats(batch)


def _outlive_signals(worker: int) -> None:
    # Ctrl-C and kill reach the whole process group; the main process decides, and workers end with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

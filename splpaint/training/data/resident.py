"""Training samples made on the training device, from photographs and masks that lie there.

A background thread plans batch after batch, the device carries it out. A sample shows the same part of the same
photograph as the loading processes would give it, but not rounded to 8 bits, and has the same hole, as long as the bank
holds a mask for every sample.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, cast

import torch
from torch import Tensor

from splpaint.training.data.colour import ColourChanges, change_colours
from splpaint.training.data.dataset import InpaintingDataset, Sample
from splpaint.training.data.order import rank_indices
from splpaint.training.data.resident_device import to_device
from splpaint.training.data.resident_masks import MaskBank, bank_bytes
from splpaint.training.data.resident_photographs import load_photographs
from splpaint.training.data.resident_plan import Plan, Planner
from splpaint.training.data.resident_resampling import resample
from splpaint.training.processes import Processes

__all__ = ["ResidentSamples"]

_AHEAD = 4  # batches
_AT_A_TIME_ON_CPU = 1  # so that no more of a row is read than one sample needs, and it stays in the cache


class ResidentSamples:
    """Batches of a stream of samples whose photographs lie on the training device.

    Args:
        dataset: The stream.
        processes: That train together, each with all photographs on its device.
        masks: How many different masks there are; later samples get them again.
        say: Tells the user how much memory the photographs need.

    Raises:
        InputError: They do not fit, or one cannot be read.
    """

    def __init__(
        self,
        dataset: InpaintingDataset,
        processes: Processes,
        *,
        masks: int,
        say: Callable[[str], object],
    ) -> None:
        self._dataset = dataset
        self._device = processes.device
        self._masks = masks
        masks_bytes = bank_bytes(masks, dataset.size_px)
        self._photographs = load_photographs(dataset, processes, masks_bytes=masks_bytes, say=say)

    @property
    def unreadable(self) -> list[str]:
        """A line for each photograph that cannot be decoded, and is replaced by the next of the stream."""
        return self._photographs.unreadable

    def batches(
        self, *, batch_size: int, start: int, stop: int, workers: int, rank: int = 0, world_size: int = 1
    ) -> Generator[Sample]:
        """One rank's share of the samples ``start`` to ``stop``, on the device; the last batch may be smaller.

        Args:
            batch_size: Samples per batch of this rank.
            start: First index of all ranks' samples.
            stop: The index after the last.
            workers: Processes that draw masks; 0: this one.
            rank: Which share, from 0.
            world_size: Number of ranks.

        Raises:
            InputError: More than 1 % of the photographs cannot be decoded, or a mask file cannot be read.
        """
        dataset, device = self._dataset, self._device
        indices = rank_indices(start, stop, rank=rank, world_size=world_size)
        bank = MaskBank(dataset.draws, self._masks, device, indices=indices, workers=workers)
        at_a_time = _AT_A_TIME_ON_CPU if device.type == "cpu" else batch_size
        planner = Planner(dataset, self._photographs, bank, at_a_time=at_a_time)
        wanted = (indices[first : first + batch_size] for first in range(0, len(indices), batch_size))
        pending: deque[Future[Plan]] = deque()
        with ThreadPoolExecutor(1) as ahead:
            try:
                pending.extend(ahead.submit(planner, indices) for indices in islice(wanted, _AHEAD))
                while pending:
                    plan = pending.popleft().result()
                    pending.extend(ahead.submit(planner, indices) for indices in islice(wanted, 1))
                    yield self._make(plan, bank)
            finally:
                for future in pending:
                    future.cancel()
                bank.close()

    def _make(self, plan: Plan, bank: MaskBank) -> Sample:
        dataset, device, buffer = self._dataset, self._device, self._photographs.buffer
        colours = plan.colours and ColourChanges(*(to_device(each, device) for each in plan.colours))
        mirrored = to_device(plan.mirrored, device)
        pictures = {}
        for side, parts in plan.boxes.items():
            picture = torch.cat([resample(buffer, boxes.to(device)) for boxes in parts])
            pictures[side] = _flip(change_colours(picture, colours) if colours else picture, mirrored)
        hole = _flip(bank.holes(to_device(plan.masks, device)), to_device(plan.hole_mirrored, device))
        names = cast(Any, plan.names)  # a list, as a collated batch has it
        return Sample(pictures[dataset.size_px], hole, pictures[dataset.pretext_size_px], names)


def _flip(pictures: Tensor, which: Tensor) -> Tensor:
    """Flip those of (B,C,H,W) left to right where ``which``, bool (B,), is true."""
    return torch.where(which[:, None, None, None], pictures.flip(3), pictures)

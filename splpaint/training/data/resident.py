"""Training samples made on the training device, from photographs and masks that lie there.

A background thread plans batch after batch, the device carries it out. A sample shows the same part of the same
photograph as the loading processes would give it, but not rounded to 8 bits, and has the same hole, as long as the bank
has a mask for every sample.
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
from splpaint.training.data.resident_device import sent
from splpaint.training.data.resident_masks import MaskBank, bank_bytes
from splpaint.training.data.resident_photographs import load_photographs
from splpaint.training.data.resident_plan import Plan, Planner
from splpaint.training.data.resident_resampling import resample

__all__ = ["ResidentSamples"]

_AHEAD = 4  # batches
_AT_A_TIME_ON_CPU = 1  # then each is read no further than it needs, and what is read stays in the cache


class ResidentSamples:
    """Batches of a stream of samples whose photographs lie on the training device.

    Args:
        dataset: The stream.
        device: Where to train.
        masks: How many different masks there are; later samples get them again.
        say: Is told how much memory the photographs need.

    Raises:
        InputError: They do not fit, or one cannot be read.
    """

    def __init__(
        self,
        dataset: InpaintingDataset,
        device: torch.device,
        *,
        masks: int,
        say: Callable[[str], object],
    ) -> None:
        self._dataset = dataset
        self._device = device
        self._masks = masks
        masks_bytes = bank_bytes(masks, dataset.size_px)
        self._photographs = load_photographs(dataset, device, masks_bytes=masks_bytes, say=say)

    @property
    def unreadable(self) -> list[str]:
        """A line for each photograph that cannot be decoded and in whose place the next of the stream comes."""
        return self._photographs.unreadable

    def batches(self, *, batch_size: int, start: int, stop: int, workers: int) -> Generator[Sample]:
        """Samples ``start`` to ``stop`` of the stream, on the device; the last batch may be smaller.

        Args:
            batch_size: Samples per batch.
            start: First index.
            stop: First index no longer given.
            workers: Processes that draw masks; 0: this one.

        Raises:
            InputError: More photographs cannot be decoded than are borne, or a mask file cannot be read.
        """
        dataset, device = self._dataset, self._device
        bank = MaskBank(dataset.draws, self._masks, device, start=start, stop=stop, workers=workers)
        at_a_time = _AT_A_TIME_ON_CPU if device.type == "cpu" else batch_size
        planner = Planner(dataset, self._photographs, bank, at_a_time=at_a_time)
        wanted = (range(first, min(first + batch_size, stop)) for first in range(start, stop, batch_size))
        pending: deque[Future[Plan]] = deque()
        with ThreadPoolExecutor(1) as ahead:
            try:
                pending.extend(ahead.submit(planner, indices) for indices in islice(wanted, _AHEAD))
                while pending:
                    plan = pending.popleft().result()
                    pending.extend(ahead.submit(planner, indices) for indices in islice(wanted, 1))
                    yield self._made(plan, bank)
            finally:
                for future in pending:
                    future.cancel()
                bank.close()

    def _made(self, plan: Plan, bank: MaskBank) -> Sample:
        dataset, device, buffer = self._dataset, self._device, self._photographs.buffer
        colours = plan.colours and ColourChanges(*(sent(each, device) for each in plan.colours))
        mirrored = sent(plan.mirrored, device)
        pictures = {}
        for side, parts in plan.boxes.items():
            picture = torch.cat([resample(buffer, boxes.sent(device)) for boxes in parts])
            pictures[side] = _flipped(change_colours(picture, colours) if colours else picture, mirrored)
        hole = _flipped(bank.holes(sent(plan.masks, device)), sent(plan.hole_mirrored, device))
        names = cast(Any, plan.names)  # a list, as a collated batch has it
        return Sample(pictures[dataset.size_px], hole, pictures[dataset.pretext_size_px], names)


def _flipped(pictures: Tensor, which: Tensor) -> Tensor:
    """(B,C,H,W) with those pictures flipped left to right that ``which`` (B,) names."""
    return torch.where(which[:, None, None, None], pictures.flip(3), pictures)

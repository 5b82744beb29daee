"""The plan of a batch of samples: which boxes of which photographs, which masks, flips and colours.

All of it is a function of (seed, index), as in the loading processes, and is worked out on the host.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from splpaint.training.data.colour import ColourChanges, colour_change, stack_changes
from splpaint.training.data.dataset import InpaintingDataset
from splpaint.training.data.resident_masks import MaskBank
from splpaint.training.data.resident_photographs import Places, ResidentPhotographs
from splpaint.training.data.resident_resampling import (
    Boxes,
    bilinear_weights,
    boxes,
    identity_taps,
    pillow_weights,
)
from splpaint.training.data.sample_draws import SampleDraw
from splpaint.training.data.unreadable import most_unreadable, too_many_unreadable

__all__ = ["Plan", "Planner"]


class Plan(NamedTuple):
    """A batch, tensors on the host.

    Attributes:
        boxes: By side of the images: those of the whole batch, in parts that are resampled together.
        masks: int64 (B,), numbers of masks that the bank holds by now.
        mirrored: bool (B,), whether the images are flipped left to right.
        hole_mirrored: bool (B,), whether the holes are.
        colours: None: none of them changes.
        names: The photographs' file names.
    """

    boxes: dict[int, list[Boxes]]
    masks: Tensor
    mirrored: Tensor
    hole_mirrored: Tensor
    colours: ColourChanges | None
    names: list[str]


class Planner:
    """Indices of a batch => its plan.

    Args:
        dataset: The stream.
        photographs: Its photographs.
        bank: Its masks.
        at_a_time: How many samples are resampled together.
    """

    def __init__(
        self, dataset: InpaintingDataset, photographs: ResidentPhotographs, bank: MaskBank, *, at_a_time: int
    ) -> None:
        self._dataset = dataset
        self._photographs = photographs
        self._bank = bank
        self._at_a_time = at_a_time

    def __call__(self, indices: Sequence[int]) -> Plan:
        """The plan of samples ``indices``; waits for their masks.

        Raises:
            InputError: More than 1 % of the photographs cannot be decoded, or a mask file cannot be read.
        """
        draws = [self._dataset.draws(index) for index in indices]
        photographs = [self._decodable(index) for index in indices]
        masks = [self._bank.number(index) for index in indices]
        self._bank.fetch(masks)
        parts = [slice(first, first + self._at_a_time) for first in range(0, len(indices), self._at_a_time)]
        return Plan(
            {
                side: [self._boxes(photographs[part], draws[part], side) for part in parts]
                for side in self._photographs.places
            },
            torch.tensor(masks),
            torch.tensor([draw.mirrored for draw in draws]),
            torch.tensor([draw.hole_mirrored for draw in draws]),
            self._colours(indices),
            [self._photographs.names[number] or "" for number in photographs],
        )

    def _decodable(self, index: int) -> int:
        """The next photograph of the stream that can be decoded, as ``InpaintingDataset`` chooses it."""
        known = self._photographs.names
        for place in range(index, index + 2 * most_unreadable(len(known)) + 2):
            if known[number := self._dataset.order(place)] is not None:
                return number
        raise too_many_unreadable(self._photographs.unreadable, len(known))

    def _boxes(self, photographs: Sequence[int], draws: Sequence[SampleDraw], side_px: int) -> Boxes:
        at = Places(*(each[photographs] for each in self._photographs.places[side_px]))
        if self._photographs.finished:
            rows = columns = identity_taps(len(draws), side_px)
        elif self._dataset.view != "crop":
            rows, columns = bilinear_weights(at.height, side_px), bilinear_weights(at.width, side_px)
        else:
            seen = np.array(
                [
                    self._dataset.draws.box(draw, int(width), int(height))
                    for draw, width, height in zip(draws, at.width, at.height, strict=True)
                ]
            )
            rows = pillow_weights(seen[:, 1], seen[:, 3], at.height, side_px)
            columns = pillow_weights(seen[:, 0], seen[:, 2], at.width, side_px)
        offset, width, height = map(torch.from_numpy, at)
        return boxes(offset, width, height, rows, columns)

    def _colours(self, indices: Sequence[int]) -> ColourChanges | None:
        strength, seed = self._dataset.colour, self._dataset.seed
        if not strength:
            return None
        return stack_changes([colour_change(seed=seed, index=index, strength=strength) for index in indices])

"""The random draws of a training sample, each a function of (seed, index), and the hole that follows from them.

Without torch: loading processes, processes that draw masks ahead and the training process all make the same draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from splpaint.images import CropBox, Hole, centre_square, square_at
from splpaint.masks import Frame, MaskSource, augment, require_known
from splpaint.random_streams import random_stream
from splpaint.training.config import SampleView

__all__ = ["SampleDraw", "SampleDraws"]


class SampleDraw(NamedTuple):
    """The draws of one sample.

    Attributes:
        short_side_px: For "crop": the shorter side that the photograph is seen at; else 0.
        left: For "crop": the square's place, from 0, at the left edge, to 1, at the right one; else 0.
        top: Likewise, from the upper edge to the lower one.
        mask_file: Number of the mask file; 0 for a drawn mask.
        mask_px: The size that a mask is drawn at; 0 for a mask file.
        window: Row and column at which a sample's hole is cut from a larger drawn mask.
        mirrored: Whether the images are flipped left to right.
        hole_mirrored: Whether the hole is.
    """

    short_side_px: float
    left: float
    top: float
    mask_file: int
    mask_px: int
    window: tuple[int, int]
    mirrored: bool
    hole_mirrored: bool


@dataclass(frozen=True)
class SampleDraws:
    """The draws of a whole stream.

    Attributes:
        size_px: Side of a sample.
        view: "whole", "centre" or "crop".
        short_side_px: For "crop": the range of shorter sides that a photograph is seen at.
        masks: What holes are made of.
        mask_sizes_px: Sizes that masks are drawn at.
        mask_augmentations: Changes made to every hole, in this order.
        seed: Of all draws.
    """

    size_px: int
    view: SampleView
    short_side_px: tuple[int, int]
    masks: MaskSource
    mask_sizes_px: tuple[int, ...]
    mask_augmentations: Sequence[str]
    seed: int

    def __post_init__(self) -> None:
        require_known(self.mask_augmentations)

    def __call__(self, index: int) -> SampleDraw:
        """The draws of sample ``index`` >= 0."""
        rng = random_stream(self.seed, index)  # the order of the draws is part of the stream
        short_side, left, top = 0.0, 0.0, 0.0
        if self.view == "crop":
            low, high = self.short_side_px  # log-uniform: each halving is as likely
            short_side = float(np.exp(rng.uniform(np.log(low), np.log(high))))
            left, top = rng.random_sample(), rng.random_sample()
        file, drawn_px, window = 0, 0, (0, 0)
        if self.masks.count is not None:
            file = rng.randint(self.masks.count)
        else:
            drawn_px = self.mask_sizes_px[rng.randint(len(self.mask_sizes_px))]
            spare = drawn_px - self.size_px
            if spare > 0:
                window = rng.randint(spare + 1), rng.randint(spare + 1)
        mirrored, hole_mirrored = rng.random_sample() < 0.5, rng.random_sample() < 0.5
        return SampleDraw(short_side, left, top, file, drawn_px, window, mirrored, hole_mirrored)

    def box(self, draw: SampleDraw, width: int, height: int) -> CropBox:
        """The part of a photograph of this size that a sample shows."""
        if self.view == "whole":
            return CropBox(0, 0, width, height)
        if self.view == "centre":
            return centre_square(width, height)
        side = self.size_px * min(width, height) / draw.short_side_px
        return square_at(draw.left, draw.top, width, height, side=side)

    def hole(self, index: int, draw: SampleDraw) -> Hole:
        """The hole of sample ``index``, augmented and not yet mirrored: bool (S,S), True = missing.

        Raises:
            InputError: A mask file cannot be read or is empty.
        """
        hole = self._hole(index, draw)
        return augment(hole, self.mask_augmentations, seed=self.seed, index=index)

    def _hole(self, index: int, draw: SampleDraw) -> Hole:
        if self.masks.count is not None:
            chosen = self.masks.mask(draw.mask_file, seed=self.seed, frame=Frame.square(self.size_px))
            chosen.require_hole()
            return chosen.hole
        mask = self.masks.mask(index, seed=self.seed, frame=Frame.square(draw.mask_px)).hole
        if draw.mask_px <= self.size_px:
            return mask
        top, left = draw.window
        window = mask[top : top + self.size_px, left : left + self.size_px]
        # Other windows nearly miss the hole or are filled by it, which is not worth training on.
        if 0.02 < window.mean() < 0.75:
            return window
        return self.masks.mask(index, seed=self.seed, frame=Frame.square(self.size_px)).hole

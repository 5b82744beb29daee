"""Photographs and masks => training samples, each a pure function of (seed, index)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from splpaint.data.masks import irregular_mask
from splpaint.data.transforms import Box, centre_square, random_square, resize_box, resize_hole, squeeze_box
from splpaint.images import read_mask, read_rgb


class Sample(NamedTuple):
    """One training sample.

    Attributes:
        image: float32 (3,S,S) in [0,1], undamaged.
        hole: float32 (1,S,S), exactly 0 or 1, 1 = missing.
        pretext_image: float32 (3,P,P) in [0,1], the same square of the photograph for the pretext network.
        name: The photograph's file name.
    """

    image: Tensor
    hole: Tensor
    pretext_image: Tensor
    name: str


class InpaintingDataset(Dataset[Sample]):
    """An endless stream of samples: every photograph once per pass, in an order drawn anew each pass.

    Args:
        pictures: Photographs.
        size_px: Side of a sample.
        pretext_size_px: Side of the pretext network's picture.
        view: "whole" squeezes a photograph into the square, "centre" takes its central square (both resized by
            bilinear interpolation without antialiasing, as the paper's are), "crop" a random square (by area).
        short_side_px: For "crop": a photograph is looked at as if its shorter side had been resized to a length
            drawn (log-uniform) from this range; a square of ``size_px`` is cut from that.
        masks: Mask files, white = missing, centre-cropped to a square and resized by nearest neighbour; each
            sample draws one. None: irregular masks are made.
        mask_sizes_px: Masks are made at one of these sizes; from a larger one a window is cut, so that holes
            have the thickness that they have in larger pictures.
        seed: Sample i is a function of (seed, i) alone.
        cache: Keep decoded photographs in memory (per worker), their shorter side reduced to what is needed.
    """

    def __init__(
        self,
        pictures: Sequence[Path],
        *,
        size_px: int,
        pretext_size_px: int,
        view: str,
        short_side_px: tuple[int, int],
        masks: Sequence[Path] | None,
        mask_sizes_px: tuple[int, ...],
        seed: int,
        cache: bool,
    ) -> None:
        self.pictures = list(pictures)
        self.size_px = size_px
        self.pretext_size_px = pretext_size_px
        self.view = view
        self.short_side_px = short_side_px
        self.masks = None if masks is None else list(masks)
        self.mask_sizes_px = mask_sizes_px
        self.seed = seed
        self._cache: dict[int, np.ndarray] | None = {} if cache else None

    def __getitem__(self, index: int) -> Sample:
        """Sample ``index`` >= 0 of the stream."""
        rng = np.random.RandomState(np.random.MT19937(np.random.SeedSequence([self.seed, index])))
        which = self._picture_of(index)
        pixels = self._pixels(which)
        box = self._box(rng, pixels)
        resize = resize_box if self.view == "crop" else squeeze_box
        image = resize(pixels, box, self.size_px)
        pretext_image = resize(pixels, box, self.pretext_size_px)
        hole = self._hole(rng, index)
        if rng.uniform() < 0.5:
            image, pretext_image = image[:, ::-1], pretext_image[:, ::-1]
        if rng.uniform() < 0.5:
            hole = hole[:, ::-1]
        return Sample(
            _planes(image),
            torch.from_numpy(hole[None].astype(np.float32)),
            _planes(pretext_image),
            self.pictures[which].name,
        )

    def _picture_of(self, index: int) -> int:
        epoch, place = divmod(index, len(self.pictures))
        rng = np.random.RandomState(np.random.MT19937(np.random.SeedSequence([self.seed, epoch, 1])))
        return int(rng.permutation(len(self.pictures))[place])

    def _box(self, rng: np.random.RandomState, pixels: np.ndarray) -> Box:
        height, width = pixels.shape[:2]
        if self.view == "whole":
            return Box(0, 0, width, height)
        if self.view == "centre":
            return centre_square(width, height)
        low, high = self.short_side_px
        short_side = np.exp(rng.uniform(np.log(low), np.log(high)))
        return random_square(rng, width, height, side=self.size_px * min(width, height) / short_side)

    def _hole(self, rng: np.random.RandomState, index: int) -> np.ndarray:
        if self.masks is not None:
            hole = read_mask(self.masks[rng.randint(len(self.masks))])
            return resize_hole(hole, centre_square(hole.shape[1], hole.shape[0]), self.size_px)
        drawn_px = self.mask_sizes_px[rng.randint(len(self.mask_sizes_px))]
        mask = irregular_mask(seed=self.seed, index=index, height=drawn_px, width=drawn_px)
        spare = drawn_px - self.size_px
        if spare <= 0:
            return mask
        top, left = rng.randint(spare + 1), rng.randint(spare + 1)
        window = mask[top : top + self.size_px, left : left + self.size_px]
        if 0.02 < window.mean() < 0.75:
            return window
        return irregular_mask(seed=self.seed, index=index, height=self.size_px, width=self.size_px)

    def _pixels(self, which: int) -> np.ndarray:
        if self._cache is None or self.view != "crop":
            return read_rgb(self.pictures[which])
        if which not in self._cache:
            pixels = Image.fromarray(read_rgb(self.pictures[which]))
            shrink = self.short_side_px[1] * self.pretext_size_px / self.size_px / min(pixels.size)
            if shrink < 1:
                size = (round(pixels.width * shrink), round(pixels.height * shrink))
                pixels = pixels.resize(size, Image.Resampling.BOX)
            self._cache[which] = np.asarray(pixels)
        return self._cache[which]


def _planes(pixels: np.ndarray) -> Tensor:  # uint8 (H,W,3) => float32 (3,H,W) in [0,1]
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).float() / 255

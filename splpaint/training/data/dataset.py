"""Photographs and masks => training samples, each a pure function of (seed, index)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from splpaint.datasets import EncodedPicture, PictureSource
from splpaint.errors import InputError
from splpaint.images import Box, centre_square, open_rgb, random_square, resize_box, squeeze_box
from splpaint.masks import MaskSource, augment, require_known
from splpaint.random_streams import random_stream
from splpaint.training.data.order import PictureOrder
from splpaint.training.data.unreadable import most_unreadable, too_many_unreadable


class Sample(NamedTuple):
    """One training sample.

    Attributes:
        image: float32 (3,S,S) in [0,1], undamaged.
        hole: float32 (1,S,S), exactly 0 or 1, 1 = missing.
        pretext_image: float32 (3,P,P) in [0,1], the same square of the photograph for the pretext network.
        name: The photograph's file name.
        unreadable: Pictures that cannot be decoded and in whose place this one is, one a line: the picture, a
            tab, the reason.
    """

    image: Tensor
    hole: Tensor
    pretext_image: Tensor
    name: str
    unreadable: str = ""


class Fetched(NamedTuple):
    """Which sample of the stream is wanted, with its picture, for whoever has read that already."""

    place: int
    picture: EncodedPicture


class InpaintingDataset(Dataset[Sample]):
    """An endless stream of samples: every photograph once per epoch, in an order drawn anew each epoch.

    A photograph that cannot be decoded is replaced by the next of the stream, and the sample says so.

    Args:
        pictures: Photographs.
        size_px: Side of a sample.
        pretext_size_px: Side of the pretext network's picture.
        view: "whole" squeezes a photograph into the square, "centre" takes its central square (both resized by
            bilinear interpolation without antialiasing, as the paper's are), "crop" a random square (by area).
        short_side_px: For "crop": a photograph is looked at as if its shorter side had been resized to a length
            drawn (log-uniform) from this range; a square of ``size_px`` is cut from that.
        masks: Drawn masks, or files, centre-cropped to a square and resized by nearest neighbour, of which each
            sample draws one.
        mask_sizes_px: Masks are drawn at one of these sizes; from a larger one a window is cut, so that holes
            have the thickness that they have in larger pictures.
        mask_augmentations: Names from ``AUGMENTATIONS``, applied to every mask in this order.
        seed: Sample i is a function of (seed, i) alone.
        shuffle_buffer: For pictures that are best read one after the other: so many are shuffled at a time.
        cache: Keep decoded photographs in memory (per worker), their shorter side reduced to what is needed.
    """

    def __init__(
        self,
        pictures: PictureSource,
        *,
        size_px: int,
        pretext_size_px: int,
        view: str,
        short_side_px: tuple[int, int],
        masks: MaskSource,
        mask_sizes_px: tuple[int, ...],
        mask_augmentations: Sequence[str] = (),
        seed: int,
        shuffle_buffer: int = 1000,
        cache: bool,
    ) -> None:
        require_known(mask_augmentations)
        self.pictures = pictures
        self.order = PictureOrder(
            len(pictures), seed=seed, sequential=pictures.sequential, buffer=shuffle_buffer
        )
        self.size_px = size_px
        self.pretext_size_px = pretext_size_px
        self.view = view
        self.short_side_px = short_side_px
        self.masks = masks
        self.mask_sizes_px = mask_sizes_px
        self.mask_augmentations = tuple(mask_augmentations)
        self.seed = seed
        # The shorter side of a photograph from which any crop can be taken without enlarging it.
        self._needed_px: int | None = None
        if view == "crop":
            self._needed_px = math.ceil(short_side_px[1] * max(1, pretext_size_px / size_px))
        self._cache: dict[int, _Picture] | None = {} if cache and view == "crop" else None

    def __getitem__(self, wanted: int | Fetched) -> Sample:
        """Sample ``index`` >= 0 of the stream.

        Raises:
            InputError: A picture or mask cannot be read, or more than 1 % of the pictures cannot be decoded.
        """
        return in_unit_range(self.stored(wanted))

    def stored(self, wanted: int | Fetched) -> Sample:
        """The same as uint8, 255 = 1 in pictures and 1 = missing in the hole: a quarter of the bytes."""
        index = wanted if isinstance(wanted, int) else wanted.place
        rng = random_stream(self.seed, index)
        (name, photograph), unreadable = self._decodable(wanted)
        image, pretext_image = self._resized(photograph, self._box(rng, photograph))
        hole = augment(self._hole(rng, index), self.mask_augmentations, seed=self.seed, index=index)
        if rng.uniform() < 0.5:
            image, pretext_image = image[:, ::-1], pretext_image[:, ::-1]
        if rng.uniform() < 0.5:
            hole = hole[:, ::-1]
        return Sample(
            _planes(image),
            torch.from_numpy(hole[None].astype(np.uint8)),
            _planes(pretext_image),
            name,
            "\n".join(unreadable),
        )

    def _decodable(self, wanted: int | Fetched) -> tuple[_Picture, list[str]]:
        """The first picture from a place of the stream on that can be decoded, and those before it."""
        index, fetched = (wanted, None) if isinstance(wanted, int) else wanted
        unreadable: list[str] = []
        # Where an epoch ends a picture may come twice; among twice as many are enough different ones.
        for place in range(index, index + 2 * most_unreadable(len(self.pictures)) + 2):
            which = self.order(place)
            if self._cache is not None and which in self._cache:
                return self._cache[which], unreadable
            encoded = fetched if fetched is not None and place == index else self.pictures.read(which)
            try:
                photograph = open_rgb(encoded.name, encoded.data, short_side_px=self._needed_px)
            except InputError as error:
                unreadable.append("\t".join(" ".join(text.split()) for text in (encoded.name, str(error))))
                continue
            picture = _Picture(PurePath(encoded.name).name, photograph)
            if self._cache is not None:
                picture = self._cache[which] = _Picture(picture.name, self._reduced(photograph))
            return picture, unreadable
        raise too_many_unreadable(unreadable, len(self.pictures))

    def _box(self, rng: np.random.RandomState, photograph: Image.Image) -> Box:
        width, height = photograph.size
        if self.view == "whole":
            return Box(0, 0, width, height)
        if self.view == "centre":
            return centre_square(width, height)
        low, high = self.short_side_px
        short_side = np.exp(rng.uniform(np.log(low), np.log(high)))
        return random_square(rng, width, height, side=self.size_px * min(width, height) / short_side)

    def _resized(self, photograph: Image.Image, box: Box) -> tuple[np.ndarray, np.ndarray]:
        """The box at the size of a sample and at that of the pretext network's picture."""
        sides = {self.size_px, self.pretext_size_px}  # one, if they are the same
        if self.view == "crop":
            seen = {side: resize_box(photograph, box, side) for side in sides}
        else:
            pixels = np.asarray(photograph)
            seen = {side: squeeze_box(pixels, box, side) for side in sides}
        return seen[self.size_px], seen[self.pretext_size_px]

    def _hole(self, rng: np.random.RandomState, index: int) -> np.ndarray:
        if self.masks.count is not None:
            chosen = self.masks.mask(rng.randint(self.masks.count), seed=self.seed, side_px=self.size_px)
            chosen.require_hole()
            return chosen.hole
        drawn_px = self.mask_sizes_px[rng.randint(len(self.mask_sizes_px))]
        mask = self.masks.mask(index, seed=self.seed, side_px=drawn_px).hole
        spare = drawn_px - self.size_px
        if spare <= 0:
            return mask
        top, left = rng.randint(spare + 1), rng.randint(spare + 1)
        window = mask[top : top + self.size_px, left : left + self.size_px]
        if 0.02 < window.mean() < 0.75:
            return window
        return self.masks.mask(index, seed=self.seed, side_px=self.size_px).hole

    def _reduced(self, photograph: Image.Image) -> Image.Image:
        """A photograph no larger than crops of it need."""
        shrink = (self._needed_px or 0) / min(photograph.size)
        if shrink >= 1:
            return photograph
        size = (round(photograph.width * shrink), round(photograph.height * shrink))
        return photograph.resize(size, Image.Resampling.BOX)


class _Picture(NamedTuple):
    name: str
    photograph: Image.Image


def in_unit_range(stored: Sample) -> Sample:
    """What ``InpaintingDataset.stored`` gives, one sample or a batch, as floats in [0,1]."""
    return stored._replace(
        image=_floats(stored.image, 255),
        hole=_floats(stored.hole, 1),
        pretext_image=_floats(stored.pretext_image, 255),
    )


def _planes(pixels: np.ndarray) -> Tensor:  # uint8 (H,W,3) => uint8 (3,H,W)
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))


def _floats(stored: Tensor, full: int) -> Tensor:
    # By NumPy: torch would start its threads for this, which where all cores are busy takes ten times as long.
    return torch.from_numpy(np.divide(stored.numpy(), np.float32(full), dtype=np.float32))

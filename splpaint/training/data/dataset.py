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
from splpaint.images import CropBox, open_rgb, resize_box, squeeze_box
from splpaint.masks import MaskSource
from splpaint.training.config import SampleView
from splpaint.training.data.colour import change_colours, colour_change, stack_changes
from splpaint.training.data.order import PictureOrder
from splpaint.training.data.sample_draws import SampleDraws
from splpaint.training.data.unreadable import most_unreadable, too_many_unreadable, unreadable_line


class Sample(NamedTuple):
    """One training sample.

    Attributes:
        image: float32 (3,S,S) in [0,1], undamaged.
        hole: float32 (1,S,S), exactly 0 or 1, 1 = missing.
        pretext_image: float32 (3,P,P) in [0,1], the same square of the photograph for the pretext network.
        name: The photograph's file name.
        unreadable: Photographs that cannot be decoded and that this one replaces, one a line: its place, a tab,
            the reason.
    """

    image: Tensor
    hole: Tensor
    pretext_image: Tensor
    name: str
    unreadable: str = ""


class StreamPicture(NamedTuple):
    """A place of the stream with its photograph, read ahead and not decoded yet."""

    place: int
    picture: EncodedPicture


class InpaintingDataset(Dataset[Sample]):
    """An endless stream of samples: every photograph once per epoch, in a new order each epoch.

    A photograph that cannot be decoded is replaced by the next of the stream, and the sample says so.

    Args:
        pictures: Photographs.
        size_px: Side of a sample.
        pretext_size_px: Side of the pretext image.
        view: "whole" squeezes a photograph into the square, "centre" takes its central square (both resized by
            bilinear interpolation without antialiasing, as the paper's are), "crop" a random square (by area).
        short_side_px: For "crop": a photograph is looked at as if its shorter side had been resized to a length
            drawn (log-uniform) from this range; a square of ``size_px`` is cut from that.
        masks: Drawn masks, or files, centre-cropped to a square and resized by nearest neighbour, of which each
            sample draws one.
        mask_sizes_px: Masks are drawn at one of these sizes; from a larger one a window is cut, so that holes
            are as thick as in larger images.
        mask_augmentations: Names from ``AUGMENTATIONS``, applied to every mask in this order.
        colour: Strength of random colour changes, in [0,1]; 0: none (``colour.py``).
        seed: Sample i is a function of (seed, i) alone.
        shuffle_buffer: How many photographs are shuffled at a time where they are best read one after the other.
        cache: Keep decoded photographs in memory (per worker), no larger than crops need them.
    """

    def __init__(
        self,
        pictures: PictureSource,
        *,
        size_px: int,
        pretext_size_px: int,
        view: SampleView,
        short_side_px: tuple[int, int],
        masks: MaskSource,
        mask_sizes_px: tuple[int, ...],
        mask_augmentations: Sequence[str] = (),
        colour: float = 0.0,
        seed: int,
        shuffle_buffer: int = 1000,
        cache: bool,
    ) -> None:
        self.pictures = pictures
        self.order = PictureOrder(
            len(pictures), seed=seed, sequential=pictures.sequential, buffer=shuffle_buffer
        )
        self.draws = SampleDraws(
            size_px, view, short_side_px, masks, mask_sizes_px, tuple(mask_augmentations), seed
        )
        self.size_px = size_px
        self.pretext_size_px = pretext_size_px
        self.view = view
        self.colour = colour
        self.seed = seed
        # The shorter side of a photograph from which any crop can be taken without enlarging it.
        self.needed_px: int | None = None
        if view == "crop":
            self.needed_px = math.ceil(short_side_px[1] * max(1, pretext_size_px / size_px))
        self._cache: dict[int, _Picture] | None = {} if cache and view == "crop" else None

    def __getitem__(self, wanted: int | StreamPicture) -> Sample:
        """Sample ``index`` >= 0 of the stream.

        Raises:
            InputError: A file cannot be read, or more than 1 % of the photographs cannot be decoded.
        """
        return as_floats(self.as_bytes(wanted))

    def as_bytes(self, wanted: int | StreamPicture) -> Sample:
        """The same in uint8, 255 = 1 in images and 1 = missing in the hole: a quarter of the bytes."""
        index = wanted if isinstance(wanted, int) else wanted.place
        draw = self.draws(index)
        (name, photograph), unreadable = self._decodable(wanted)
        image, pretext_image = self._resize(photograph, self.draws.box(draw, *photograph.size))
        hole = self.draws.hole(index, draw)
        if draw.mirrored:
            image, pretext_image = image[:, ::-1], pretext_image[:, ::-1]
        if draw.hole_mirrored:
            hole = hole[:, ::-1]
        return Sample(
            self._change_colours(_planes(image), index),
            torch.from_numpy(hole[None].astype(np.uint8)),
            self._change_colours(_planes(pretext_image), index),
            name,
            "\n".join(unreadable),
        )

    def _decodable(self, wanted: int | StreamPicture) -> tuple[_Picture, list[str]]:
        """The first photograph from a place of the stream on that can be decoded, and the lines of those before it."""
        index, fetched = (wanted, None) if isinstance(wanted, int) else wanted
        unreadable: list[str] = []
        # Across the end of an epoch a photograph may come twice; twice as many places hold enough different ones.
        for place in range(index, index + 2 * most_unreadable(len(self.pictures)) + 2):
            which = self.order(place)
            if self._cache is not None and which in self._cache:
                return self._cache[which], unreadable
            encoded = fetched if fetched is not None and place == index else self.pictures.read(which)
            try:
                photograph = open_rgb(encoded.name, encoded.data, short_side_px=self.needed_px)
            except InputError as error:
                unreadable.append(unreadable_line(encoded.name, error))
                continue
            picture = _Picture(PurePath(encoded.name).name, photograph)
            if self._cache is not None:
                picture = self._cache[which] = _Picture(
                    picture.name, shrink_photograph(photograph, self.needed_px)
                )
            return picture, unreadable
        raise too_many_unreadable(unreadable, len(self.pictures))

    def _resize(self, photograph: Image.Image, box: CropBox) -> tuple[np.ndarray, np.ndarray]:
        """The box at the size of a sample and at that of the pretext image."""
        sides = {self.size_px, self.pretext_size_px}  # one, if they are the same
        if self.view == "crop":
            seen = {side: resize_box(photograph, box, side) for side in sides}
        else:
            pixels = np.asarray(photograph)
            seen = {side: squeeze_box(pixels, box, side) for side in sides}
        return seen[self.size_px], seen[self.pretext_size_px]

    def _change_colours(self, planes: Tensor, index: int) -> Tensor:  # uint8 (3,H,W) => uint8 (3,H,W)
        if not self.colour:
            return planes
        change = stack_changes([colour_change(seed=self.seed, index=index, strength=self.colour)])
        return change_colours(planes[None] / 255, change)[0].mul(255).round().to(torch.uint8)


class _Picture(NamedTuple):
    name: str
    photograph: Image.Image


def shrink_photograph(photograph: Image.Image, short_side_px: int | None) -> Image.Image:
    """A photograph at the size that crops need, or its own if that is smaller.

    Args:
        photograph: Decoded.
        short_side_px: The shorter side that crops need (``InpaintingDataset.needed_px``); None or 0: its own.
    """
    shrink = (short_side_px or 0) / min(photograph.size)
    if shrink >= 1 or not short_side_px:
        return photograph
    size = (round(photograph.width * shrink), round(photograph.height * shrink))
    return photograph.resize(size, Image.Resampling.BOX)


def as_floats(stored: Sample) -> Sample:
    """uint8 of ``InpaintingDataset.as_bytes``, one sample or a batch => float32 in [0,1]."""
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

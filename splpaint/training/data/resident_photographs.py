"""Decoded photographs on the training device: one buffer of bytes, each photograph as three planes.

For "crop" they are kept at the size that crops need, as in the loading processes' cache. For "whole" and "centre" both
images are resized from the original, for the network and for the pretext network; the buffer holds both, or the
original where that is smaller (CelebA's 178 x 178 pixels are a tenth of 256 x 256 and 512 x 512).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from splpaint.cpu import usable_cores
from splpaint.datasets import EncodedPicture
from splpaint.errors import InputError
from splpaint.images import CropBox, centre_square, open_rgb, read_header, squeeze_box
from splpaint.parallel import ordered_map
from splpaint.training.data.dataset import InpaintingDataset, shrink_photograph
from splpaint.training.data.resident_device import free_bytes
from splpaint.training.data.unreadable import unreadable_line
from splpaint.training.processes import Processes

__all__ = ["Places", "ResidentPhotographs", "load_photographs"]

_WholeNumbers = NDArray[np.int64]
_Planes = NDArray[np.uint8]
Say = Callable[[str], object]
"""Tells the user one line."""


class Places(NamedTuple):
    """Where photographs lie in the buffer and how large they are there, (n,) each."""

    offset: _WholeNumbers
    width: _WholeNumbers
    height: _WholeNumbers


class ResidentPhotographs(NamedTuple):
    """Photographs on the training device.

    Attributes:
        buffer: uint8, one dimension; photographs as (3,H,W), then room for reading past the last row.
        places: By the side of the image that is made of them, the sample's and the pretext image's.
        names: Of their files; None where one cannot be decoded.
        finished: Whether the buffer holds the images at these sides, not what they are made of.
        unreadable: A line of ``unreadable_line`` for each that cannot be decoded.
    """

    buffer: Tensor
    places: dict[int, Places]
    names: list[str | None]
    finished: bool
    unreadable: list[str]


def load_photographs(
    dataset: InpaintingDataset, processes: Processes, *, masks_bytes: int, say: Say
) -> ResidentPhotographs:
    """Decode all photographs of a dataset, with a thread per core; each process decodes its share, and all keep all.

    Args:
        dataset: Whose samples are made of them.
        processes: On whose devices they are kept.
        masks_bytes: What masks will take on the same device.
        say: Tells the user the estimate before anything is decoded.

    Raises:
        InputError: They do not fit the device's free memory, or one cannot be read.
    """
    sizes = _measure(dataset, processes)
    sides = sorted({dataset.size_px, dataset.pretext_size_px})
    pixels = _pixels_needed(dataset, sizes)
    finished_pixels = sum(side * side for side in sides)
    finished = dataset.view != "crop" and int(pixels.sum()) >= finished_pixels * len(sizes)
    slots = 3 * (np.where(pixels > 0, finished_pixels, 0) if finished else pixels)
    room = 2 * int(sizes.max())  # rows are read as far as the widest box needs
    _require_room(int(slots.sum()) + room, masks_bytes, len(sizes), processes, say)
    offsets = np.concatenate([[0], np.cumsum(slots)])
    buffer = torch.zeros(int(offsets[-1]) + room, dtype=torch.uint8, device=processes.device)
    decoded: dict[int, _Decoded | str] = {}
    for number, found in _decode_share(dataset, processes, sides if finished else []):
        decoded[number] = found if isinstance(found, str) else found.decoded()
        at = int(offsets[number])
        for planes in () if isinstance(found, str) else found.pictures:
            buffer[at : at + planes.size] = torch.from_numpy(planes.ravel()).to(buffer.device)
            at += planes.size
    processes.add_up(buffer)
    for others in processes.gather(decoded):
        decoded |= others
    places = {
        side: Places(*(np.zeros(len(sizes), np.int64) for _ in Places._fields))
        for side in (sides if finished else sides[:1])
    }
    names: list[str | None] = [None] * len(sizes)
    unreadable = []
    for number, there in sorted(decoded.items()):
        if isinstance(there, str):
            unreadable.append(there)
            continue
        names[number], at = there.name, int(offsets[number])
        for (height, width), place in zip(there.sizes, places.values(), strict=True):
            place.offset[number], place.height[number], place.width[number] = at, height, width
            at += 3 * height * width
    by_side = places if finished else dict.fromkeys(sides, places[sides[0]])
    return ResidentPhotographs(buffer, by_side, names, finished, unreadable)


def _require_room(
    photographs_bytes: int, masks_bytes: int, count: int, processes: Processes, say: Say
) -> None:
    device = processes.device
    copies = processes.on_this_machine if device.type == "cpu" else 1  # which share its memory
    photographs_bytes, masks_bytes = copies * photographs_bytes, copies * masks_bytes
    needed, free = photographs_bytes + masks_bytes, free_bytes(device)
    there = "an unknown amount" if free is None else f"{free / 1e9:.2f} GB"
    say(
        f"{count} photographs need {photographs_bytes / 1e9:.2f} GB on {device}, masks {masks_bytes / 1e9:.2f} GB; "
        f"{there} is free"
    )
    if free is not None and needed > free:
        raise InputError(
            f"expected decoded photographs and masks that fit {device}, got {needed / 1e9:.2f} GB of them and "
            f"{free / 1e9:.2f} GB free; pass data.resident=false, fewer photographs, or a lower data.short_side_px "
            "or data.resident_masks"
        )


def _measure(dataset: InpaintingDataset, processes: Processes) -> _WholeNumbers:
    """Width and height of every photograph by its file's header, (n,2); 0 where it is not an image."""
    sizes = np.zeros((len(dataset.pictures), 2), np.int64)
    share = _share(dataset, processes)
    for number, encoded in zip(share, _read(dataset, processes, "measuring photographs"), strict=True):
        with suppress(InputError):
            header = read_header(encoded.name, encoded.data)
            sizes[number] = header.width, header.height
    return np.sum(processes.gather(sizes), axis=0)


def _pixels_needed(dataset: InpaintingDataset, sizes: _WholeNumbers) -> _WholeNumbers:
    short: _WholeNumbers = sizes.min(axis=1)
    long: _WholeNumbers = sizes.max(axis=1)
    if dataset.view == "whole":
        return short * long
    if dataset.view == "centre":
        return short * short
    needed = dataset.needed_px or 0
    # A JPEG that is decoded smaller rounds its sides up first: its longer side may be a pixel or two longer.
    shrunk = needed * (np.ceil(long * needed / np.maximum(short, 1)).astype(np.int64) + 2)
    pixels: _WholeNumbers = np.where(short > needed, shrunk, short * long)
    return pixels


class _Decoded(NamedTuple):
    """What of a photograph lies in the buffer: one after the other, pictures of these heights and widths."""

    name: str
    sizes: list[tuple[int, int]]


class _Photograph(NamedTuple):
    name: str
    pictures: list[_Planes]

    def decoded(self) -> _Decoded:
        return _Decoded(self.name, [(planes.shape[1], planes.shape[2]) for planes in self.pictures])


def _share(dataset: InpaintingDataset, processes: Processes) -> range:
    return range(processes.rank, len(dataset.pictures), processes.count)


def _decode_share(
    dataset: InpaintingDataset, processes: Processes, sides: list[int]
) -> Iterator[tuple[int, _Photograph | str]]:
    """This process's photographs by their numbers, or why there is none; each thread has a few in hand."""
    threads = -(-usable_cores() // processes.on_this_machine)
    encoded = _read(dataset, processes, "decoding photographs")
    share = _share(dataset, processes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # among many photographs some have odd metadata
        found = ordered_map(partial(_decode, dataset, sides), encoded, workers=threads, ahead=3 * threads)
        yield from zip(share, found, strict=True)


def _decode(dataset: InpaintingDataset, sides: list[int], encoded: EncodedPicture) -> _Photograph | str:
    try:
        photograph = open_rgb(encoded.name, encoded.data, short_side_px=dataset.needed_px)
    except InputError as error:
        return unreadable_line(encoded.name, error)
    name = Path(encoded.name).name
    if dataset.view == "crop":
        return _Photograph(name, [_planes(np.asarray(shrink_photograph(photograph, dataset.needed_px)))])
    whole = CropBox(0, 0, *photograph.size)
    box = centre_square(*photograph.size) if dataset.view == "centre" else whole
    pixels = np.asarray(photograph)
    if sides:
        return _Photograph(name, [_planes(squeeze_box(pixels, box, side)) for side in sides])
    left, top, right, bottom = map(round, box)
    return _Photograph(name, [_planes(pixels[top:bottom, left:right])])


def _planes(pixels: NDArray[np.uint8]) -> _Planes:  # uint8 (H,W,3) => uint8 (3,H,W)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _read(dataset: InpaintingDataset, processes: Processes, title: str) -> Iterator[EncodedPicture]:
    """The photographs of this process's share, with a progress bar."""
    columns = TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, disable=not processes.first) as bar:
        for number in bar.track(_share(dataset, processes)):
            yield dataset.pictures.read(number)

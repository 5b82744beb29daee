"""Boxes of many photographs => squares of one size, in a batch on the training device.

Which pixels make up a result pixel, and with which weights, is worked out as Pillow does it (its ``Resample.c``; in
float64, on the host: a few numbers per row and column) or as ``squeeze_box`` does. The device only reads and adds:
first the rows that the result's rows are made of, tap by tap, then the columns. Antialiasing is exact for any box,
where a pyramid of halved images would approximate it, and nothing but the bytes themselves is kept. On a CPU this takes
one to two times as long as Pillow; products with a matrix per sample took two to seven times as long.
Differs from Pillow in that nothing is rounded to 8 bits or clamped between the passes.
"""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from splpaint.images import bilinear_taps
from splpaint.training.data.resident_device import to_device

__all__ = ["Boxes", "Taps", "bilinear_weights", "boxes", "identity_taps", "pillow_weights", "resample"]

_Lengths = NDArray[np.float64] | NDArray[np.int64]


class Taps(NamedTuple):
    """The pixels along one axis that each result pixel is made of.

    Attributes:
        first: int64 (B,S), number of the first source pixel.
        weights: float32 (B,S,K), of it and of the next ones; they sum to 1, and are 0 beyond a photograph's end.
    """

    first: Tensor
    weights: Tensor


def pillow_weights(low: _Lengths, high: _Lengths, length: _Lengths, side_px: int) -> Taps:
    """The taps of Pillow: the mean over areas where the box shrinks, bicubic where it grows (as ``resize_box``).

    Args:
        low: (B,) where boxes begin.
        high: (B,) where they end.
        length: (B,) of the photographs.
        side_px: Of the result.
    """
    begin, end = low.astype(np.float32), high.astype(np.float32)  # as Pillow takes a box
    scale = ((end - begin).astype(np.float64) / side_px)[:, None]
    shrinks = scale >= 1
    reach = np.maximum(scale, 1)
    support = np.where(shrinks, 0.5, 2.0) * reach
    centre = begin.astype(np.float64)[:, None] + (np.arange(side_px) + 0.5) * scale
    first = np.maximum((centre - support + 0.5).astype(np.int64), 0)
    last = np.minimum((centre + support + 0.5).astype(np.int64), length.astype(np.int64)[:, None])
    pixels = first[..., None] + np.arange(int((last - first).max()))
    at = (pixels - centre[..., None] + 0.5) * (1 / reach)[..., None]
    weights = np.where(shrinks[..., None], (at > -0.5) & (at <= 0.5), _cubic(at)) * (pixels < last[..., None])
    weights /= weights.sum(axis=2, keepdims=True)
    return Taps(torch.from_numpy(first), torch.from_numpy(weights.astype(np.float32)))


def bilinear_weights(length: _Lengths, side_px: int) -> Taps:
    """The taps of whole photographs of these lengths, (B,): two neighbours, not antialiased (as ``squeeze_box``)."""
    taps = [bilinear_taps(int(each), side_px) for each in length]
    share = np.stack([share for _, _, share in taps])
    return Taps(
        torch.from_numpy(np.stack([low for low, _, _ in taps])),
        torch.from_numpy(np.stack([1 - share, share], axis=2)),
    )


def identity_taps(samples: int, side_px: int) -> Taps:
    """The taps of photographs that have the result's side already."""
    return Taps(torch.arange(side_px).expand(samples, -1), torch.ones(samples, side_px, 1))


class Boxes(NamedTuple):
    """A batch of boxes of photographs in a buffer of bytes.

    Attributes:
        at: int64 (B,), offset of the first pixel needed of each photograph's first row.
        stride: int64 (B,), bytes from a row to the next.
        plane: int64 (B,), bytes from a plane to the next.
        reach: Bytes of a row that the widest box needs.
        rows: Along the height.
        columns: Along the width, counted from ``at``.
    """

    at: Tensor
    stride: Tensor
    plane: Tensor
    reach: int
    rows: Taps
    columns: Taps

    def to(self, device: torch.device) -> Boxes:
        """The same on the training device."""
        rows, columns = (
            Taps(to_device(taps.first, device), to_device(taps.weights, device)) for taps in self[4:]
        )
        at, stride, plane = (to_device(each, device) for each in self[:3])
        return Boxes(at, stride, plane, self.reach, rows, columns)


def boxes(offset: Tensor, width: Tensor, height: Tensor, rows: Taps, columns: Taps) -> Boxes:
    """Boxes of photographs (3,H,W).

    Args:
        offset: int64 (B,), where each begins in the buffer.
        width: int64 (B,).
        height: int64 (B,).
        rows: Along the height, counted from the first row.
        columns: Along the width, likewise.
    """
    left = columns.first.amin(dim=1)
    columns = columns._replace(first=columns.first - left[:, None])
    reach = int(columns.first.max()) + columns.weights.shape[2]
    return Boxes(offset + left, width, width * height, reach, rows, columns)


def resample(buffer: Tensor, boxes: Boxes) -> Tensor:
    """Squares made of boxes.

    Args:
        buffer: uint8, one dimension: photographs, and behind the last as many bytes as a row may need.
        boxes: Their tensors on the same device.

    Returns:
        float32 (B,3,S,S) in [0,1], where 255 is 1.
    """
    planes = boxes.at[:, None] + boxes.plane[:, None] * torch.arange(3, device=buffer.device)  # (B,3)
    lines = buffer.as_strided((len(buffer) - boxes.reach + 1, boxes.reach), (1, 1))

    def row(tap: int) -> Tensor:  # uint8 (B,3,S,reach)
        start = planes[..., None] + (boxes.stride[:, None] * (boxes.rows.first + tap))[:, None]
        start.clamp_(max=len(lines) - 1)  # below the last photograph, where weights are 0
        return lines.index_select(0, start.flatten()).view(*start.shape, boxes.reach)

    weights = boxes.rows.weights[:, None, :, None]  # (B,1,S,1,K)
    narrow = reduce(Tensor.add_, (row(tap) * weights[..., tap] for tap in range(weights.shape[-1])))

    def column(tap: int) -> Tensor:  # float32 (B,3,S,S)
        at = (boxes.columns.first + tap)[:, None, None].expand(*narrow.shape[:3], -1)
        return narrow.gather(3, at)

    weights = boxes.columns.weights[:, None, None]  # (B,1,1,S,K)
    square = reduce(Tensor.add_, (column(tap) * weights[..., tap] for tap in range(weights.shape[-1])))
    return square.div_(255).clamp_(0, 1)


def _cubic(at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' kernel with a = -0.5."""
    at = np.abs(at)
    near = (1.5 * at - 2.5) * at * at + 1
    far = ((-0.5 * at + 2.5) * at - 4) * at + 2
    kernel: NDArray[np.float64] = np.where(at < 1, near, np.where(at < 2, far, 0))
    return kernel

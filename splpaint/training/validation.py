"""Validation while training: in-hole PSNR of the averaged weights, and a sheet of images to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from splpaint.atomic_files import atomic_path
from splpaint.datasets import PictureSource
from splpaint.images import centre_square, composite, read_rgb, resize_box, to_pixels, to_planes
from splpaint.masks import irregular_mask
from splpaint.metrics import psnr_in_hole

BINS = (1, 2, 3, 4)  # 10 to 50 %
_SEED = 20_210_607


class ValidationPair(NamedTuple):
    """A validation image, uint8 (S,S,3), and its hole, bool (S,S)."""

    image: NDArray[np.uint8]
    hole: NDArray[np.bool_]


def validation_pairs(pictures: PictureSource, *, size_px: int) -> list[ValidationPair]:
    """Every photograph, centre-cropped and area-resized, with one irregular mask of each bin from 10 to 50 %.

    Raises:
        InputError: A photograph cannot be read or decoded: values measured on others cannot be compared.
    """
    pairs = []
    for number in range(len(pictures)):
        pixels = read_rgb(*pictures.read(number))
        image = resize_box(pixels, centre_square(pixels.shape[1], pixels.shape[0]), size_px)
        for bin in BINS:
            index = number * len(BINS) + bin
            hole = irregular_mask(seed=_SEED, index=index, height=size_px, width=size_px, bin=bin)
            pairs.append(ValidationPair(image, hole))
    return pairs


@torch.inference_mode()
def validate(generator: nn.Module, pairs: Sequence[ValidationPair], sheet: Path) -> float:
    """Paint all pairs and write a sheet of some of them.

    Args:
        generator: A generator in eval mode.
        pairs: From ``validation_pairs``.
        sheet: PNG to write: damaged, painted and true images side by side.

    Returns:
        Mean in-hole PSNR, dB.
    """
    device = next(generator.parameters()).device
    values: list[float] = []
    rows: list[NDArray[np.uint8]] = []
    for number, (image, hole) in enumerate(pairs):
        planes = torch.from_numpy(to_planes(image))[None].to(device)
        missing = torch.from_numpy(hole[None, None].astype(np.float32)).to(device)
        painted = generator(planes, missing).painted[0].float().clamp(0, 1).cpu().numpy()
        restored = composite(to_pixels(painted), image, hole)
        values.append(psnr_in_hole(restored, image, hole))
        if number % (len(BINS) + 1) == 0 and len(rows) < 12:
            damaged = np.where(hole[..., None], np.uint8(255), image)
            rows.append(np.concatenate([damaged, restored, image], axis=1))
    _write_sheet(rows, sheet)
    return float(np.mean(values))


def _write_sheet(rows: list[NDArray[np.uint8]], path: Path) -> None:
    # Two columns of rows; if their number is odd, the last place stays black.
    if len(rows) % 2:
        rows = [*rows, np.zeros_like(rows[0])]
    columns = [np.concatenate(rows[start::2], axis=0) for start in (0, 1)]
    with atomic_path(path) as part:
        Image.fromarray(np.concatenate(columns, axis=1)).save(part, format="PNG")

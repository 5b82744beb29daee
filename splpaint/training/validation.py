"""Validation while training: what the averaged weights paint in the same holes each time, by the hole's share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from splpaint.datasets import PictureSource
from splpaint.images import centre_square, composite, read_rgb, resize_box, to_pixels, to_planes
from splpaint.masks import irregular_mask, ratio_bin
from splpaint.metrics import mae_in_hole, psnr_in_hole
from splpaint.training.report import BEST_BY, SheetRow

BINS = (1, 2, 3, 4)  # 10 to 50 %
_MEASURES = {BEST_BY: psnr_in_hole, "val_mae_in_hole": mae_in_hole}
_SEED = 20_210_607
_MOST_ROWS = 12


class ValidationPair(NamedTuple):
    """A validation image, uint8 (S,S,3), and its hole, bool (S,S)."""

    image: NDArray[np.uint8]
    hole: NDArray[np.bool_]


def validation_pairs(pictures: PictureSource, *, size_px: int, most_photographs: int) -> list[ValidationPair]:
    """Photographs, centre-cropped and area-resized, each with one irregular mask of each bin from 10 to 50 %.

    Args:
        pictures: Photographs.
        size_px: Side of a validation image.
        most_photographs: If there are more, so many are taken, evenly spaced.

    Raises:
        InputError: A photograph cannot be read or decoded: values measured on others cannot be compared.
    """
    pairs = []
    count = len(pictures)
    for number in range(count)[:: max(1, -(-count // most_photographs))]:
        pixels = read_rgb(*pictures.read(number))
        image = resize_box(pixels, centre_square(pixels.shape[1], pixels.shape[0]), size_px)
        for bin in BINS:
            index = number * len(BINS) + bin
            hole = irregular_mask(seed=_SEED, index=index, height=size_px, width=size_px, bin=bin)
            pairs.append(ValidationPair(image, hole))
    return pairs


class Validation(NamedTuple):
    """What a validation has found.

    Attributes:
        values: Means over the pairs, by the names that ``log.jsonl`` has: "val_psnr_in_hole" (dB) and "val_mae_in_hole"
            (grey levels of 255) over all, "val_psnr_in_hole (0.1,0.2]" over those of a bin.
        rows: Some pairs with what was painted, to be looked at.
    """

    values: dict[str, float]
    rows: list[SheetRow]


@torch.inference_mode()
def validate(generator: nn.Module, pairs: Sequence[ValidationPair]) -> Validation:
    """Paint all pairs.

    Args:
        generator: A generator in eval mode.
        pairs: From ``validation_pairs``; at least one.
    """
    device = next(generator.parameters()).device
    found: dict[str, list[float]] = defaultdict(list)
    rows: list[SheetRow] = []
    for number, (image, hole) in enumerate(pairs):
        planes = torch.from_numpy(to_planes(image))[None].to(device)
        missing = torch.from_numpy(hole[None, None].astype(np.float32)).to(device)
        output = generator(planes, missing)
        painted = to_pixels(output.painted[0].float().clamp(0, 1).cpu().numpy())
        restored = composite(painted, image, hole)
        for name, measure in _MEASURES.items():
            value = measure(restored, image, hole)
            for of in (name, f"{name} {ratio_bin(float(hole.mean()))}"):
                found[of].append(value)
        if number % (len(BINS) + 1) == 0 and len(rows) < _MOST_ROWS:  # the next photograph, the next bin
            rows.append(SheetRow(image, hole, painted, restored, output.prior[0].float().cpu().numpy()))
    return Validation({name: float(np.mean(values)) for name, values in sorted(found.items())}, rows)

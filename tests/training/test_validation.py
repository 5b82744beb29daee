from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from splpaint.datasets import open_pictures
from splpaint.networks import SPLOutput
from splpaint.training.validation import BINS, validate, validation_pairs

LEVELS = range(0, 100, 10)


@pytest.fixture
def even(tmp_path: Path) -> Path:
    """Photographs of one grey level each."""
    for level in LEVELS:
        Image.new("RGB", (40, 50), (level,) * 3).save(tmp_path / f"{level:02}.png")
    return tmp_path


class TenBrighter(nn.Module):
    """Paints everything ten grey levels above the truth."""

    def __init__(self) -> None:
        super().__init__()
        self.own = nn.Parameter(torch.zeros(()))

    def forward(self, image: Tensor, hole: Tensor) -> SPLOutput:
        return SPLOutput(image + 10 / 255, image, image[..., ::4, ::4])


def test_more_photographs_than_are_wanted_are_taken_evenly_each_with_a_hole_of_every_bin(even: Path) -> None:
    pairs = validation_pairs(open_pictures(str(even)), size_px=32, most_photographs=4)
    assert [int(pair.image[0, 0, 0]) for pair in pairs[:: len(BINS)]] == [0, 30, 60, 90]
    for number, pair in enumerate(pairs):
        low = BINS[number % len(BINS)] / 10
        assert low < pair.hole.mean() <= low + 0.1


def test_values_are_those_of_a_known_error_in_every_bin(even: Path) -> None:
    pairs = validation_pairs(open_pictures(str(even)), size_px=32, most_photographs=50)
    values, rows = validate(TenBrighter().eval(), pairs)
    bins = ["", *(f" (0.{low},0.{low + 1}]" for low in BINS)]
    assert set(values) == {f"{name}{bin}" for name in ("val_psnr_in_hole", "val_mae_in_hole") for bin in bins}
    for name, value in values.items():
        expected = 20 * np.log10(255 / 10) if "psnr" in name else 10
        assert value == pytest.approx(expected, rel=1e-6), name
    assert len(rows) == len(LEVELS) * len(BINS) // (len(BINS) + 1)
    for row in rows:
        assert (row.painted == row.truth + 10).all()
        assert (row.composite == np.where(row.hole[..., None], row.painted, row.truth)).all()

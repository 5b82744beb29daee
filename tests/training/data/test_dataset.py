"""Training samples stay what they are: a function of (seed, index) alone, pinned by checksum."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from splpaint.datasets.picture import FilePictures
from splpaint.images.arrays import to_planes
from splpaint.images.resize import CropBox
from splpaint.masks.sources import MaskFiles, open_masks
from splpaint.training.config import SampleView
from splpaint.training.data.dataset import InpaintingDataset, Sample
from tests import dataset_samples as samples


@pytest.fixture
def photographs(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "photographs"
    return [
        samples.save(samples.photograph(number, 160, 120 + 8 * number), folder / f"{number}.png")
        for number in range(3)
    ]


def dataset(
    pictures: list[Path], *, view: SampleView = "crop", masks: list[Path] | None = None
) -> InpaintingDataset:
    return InpaintingDataset(
        FilePictures(pictures),
        size_px=64,
        pretext_size_px=96,
        view=view,
        short_side_px=(64, 100),
        masks=open_masks("irregular") if masks is None else MaskFiles(masks),
        mask_sizes_px=(64, 128),
        seed=5,
        cache=view == "crop",
    )


def digest(sample: Sample) -> str:
    levels = [np.rint(planes.numpy() * 255).astype(np.uint8) for planes in sample[:3]]
    return hashlib.sha256(b"".join(map(np.ndarray.tobytes, levels)) + sample.name.encode()).hexdigest()[:12]


PINNED: dict[tuple[SampleView, str], list[str]] = {
    ("crop", "drawn masks"): ["3eeecb69e7a5", "be91ca7f58d8", "0996110ebceb", "f054d4ebde54", "7aa12529fc89"],
    ("whole", "drawn masks"): [
        "54ca136994e4",
        "b3f7f44da327",
        "09cc65247804",
        "1191edbda1f7",
        "4bdf2a4cdc3b",
    ],
    ("centre", "drawn masks"): [
        "6355132ebb72",
        "32b514f70030",
        "86d29211b782",
        "1b12a32b33f0",
        "f5c18f47da8e",
    ],
    ("crop", "mask files"): ["1ec80a89e65f", "00c149819de2", "b29b8c7526b3", "68db5d4228be", "e7308d6386ab"],
}
"""Samples 0, 1, 5, 7 and 1000 as released runs saw them; another value makes those runs unrepeatable."""


def mask_files(folder: Path) -> list[Path]:
    samples.masks(folder, count=4, side_px=90)
    Image.open(folder / "00001.png").resize((70, 131), 0).save(folder / "00001.png")
    return sorted(folder.iterdir())


@pytest.mark.parametrize(("view", "masks"), PINNED)
def test_a_sample_never_changes(
    view: SampleView, masks: str, photographs: list[Path], tmp_path: Path
) -> None:
    files = mask_files(tmp_path / "masks") if masks == "mask files" else None
    stream = dataset(photographs, view=view, masks=files)
    assert [digest(stream[index]) for index in (0, 1, 5, 7, 1000)] == PINNED[view, masks]


@pytest.mark.parametrize("view", ["crop", "whole"])
def test_large_jpegs_are_decoded_smaller_for_crops_alone(
    view: SampleView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = samples.save(samples.photograph(1, 900, 620), tmp_path / "large.jpg")
    sizes: list[tuple[int, int]] = []
    resized = InpaintingDataset._resize

    def watched(
        self: InpaintingDataset, photograph: Image.Image, box: CropBox
    ) -> tuple[np.ndarray, np.ndarray]:
        sizes.append(photograph.size)
        return resized(self, photograph, box)

    monkeypatch.setattr(InpaintingDataset, "_resize", watched)
    stream = dataset([large], view=view)
    stream._cache = None
    first = stream[3]
    assert sizes == [(225, 155) if view == "crop" else (900, 620)]  # crops need 150 pixels
    assert digest(first) == digest(stream[3])


def test_bytes_and_floats_of_a_sample_are_the_same(photographs: list[Path]) -> None:
    stream = dataset(photographs)
    stored, sample = stream.as_bytes(2), stream[2]
    assert {planes.dtype for planes in stored[:3]} == {torch.uint8}
    assert {planes.dtype for planes in sample[:3]} == {torch.float32}
    for name in ("image", "pretext_image"):
        pixels = getattr(stored, name).numpy().transpose(1, 2, 0)
        np.testing.assert_array_equal(getattr(sample, name).numpy(), to_planes(pixels))
    np.testing.assert_array_equal(sample.hole.numpy(), stored.hole.numpy().astype(np.float32))
    assert set(np.unique(sample.hole.numpy())) == {0, 1}

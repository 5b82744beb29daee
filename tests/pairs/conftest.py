"""What the tests of pairs share: photos and masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.images.listing import list_pictures
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.pairs.pairing import (
    make_pairs,
    write_manifest,
)


def photograph(width: int, height: int, *, seed: int = 0) -> Image.Image:
    levels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(levels)


def save(image: Image.Image, path: Path, *, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, exif=exif)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "photos"
    return [
        save(photograph(80, 60, seed=1), folder / "a.png"),
        save(photograph(64, 96, seed=2), folder / "sub" / "b, c.jpg", orientation=6),
        save(photograph(40, 40, seed=3), folder / "d.webp"),
    ]


@pytest.fixture
def manifest(photos: list[Path], tmp_path: Path) -> Path:
    path = tmp_path / "pairs.csv"
    write_manifest(make_pairs(photos, seed=7, side_px=32, masks_per_image=2), path)
    return path


@pytest.fixture
def mask_files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "masks" / f"{index}.png" for index in range(4)]
    for index, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(irregular_mask(seed=1, index=index, height=64, width=80)).save(path)
    return paths


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    (tmp_path / "photos").mkdir()
    for number in range(5):
        levels = np.random.default_rng(number).integers(0, 256, (40, 44, 3), dtype=np.uint8)
        Image.fromarray(levels).save(tmp_path / "photos" / f"{number}.png")
    return list_pictures(tmp_path / "photos")


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    (tmp_path / "masks").mkdir()
    for index in range(24):
        hole = irregular_mask(seed=1, index=index, height=32, width=32)
        Image.fromarray(hole).save(tmp_path / "masks" / f"{index:02}.png")
    return tmp_path / "masks"


@pytest.fixture
def cut_outs(tmp_path: Path) -> Path:
    (tmp_path / "things").mkdir()
    for number in range(3):
        pixels = np.zeros((30, 30, 4), np.uint8)
        pixels[5:25, 5 : 15 + 5 * number] = 255
        Image.fromarray(pixels).save(tmp_path / "things" / f"{number}.webp", lossless=True)
    return tmp_path / "things"

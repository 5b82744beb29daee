"""How much memory the largest pictures take, measured on the real command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

MOST_KILOBYTES = 3_000_000
SIDE_PX = 10_000


MEASURE = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),  # the size is the point
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="ru_maxrss is in kilobytes on Linux only"
    ),
]


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "a.jpg"
    tile = np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8)
    smooth = np.asarray(Image.fromarray(tile).resize((1000, 1000), Image.Resampling.BICUBIC))
    Image.fromarray(np.tile(smooth, (10, 10, 1))).save(path, quality=90)
    return path


def _kilobytes(model: Path, *arguments: object) -> int:
    command = [sys.executable, "-m", "splpaint", "paint", *map(str, arguments), "--model", str(model)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=True, timeout=300
    )
    return int(done.stdout)


def test_a_jpeg_of_100_megapixels_takes_less_than_3_gigabytes(
    model: Path, photo: Path, tmp_path: Path
) -> None:
    options = ["--box", "100,3000,8900,400", "--box", "7000,7000,200,100", "--dilate", "5", "--feather", "5"]
    assert _kilobytes(model, photo, *options, "-o", tmp_path / "b.jpg") < MOST_KILOBYTES
    with Image.open(tmp_path / "b.jpg") as written:
        assert written.size == (SIDE_PX, SIDE_PX)


def test_a_tiff_of_100_megapixels_with_16_bits_and_a_large_hole_takes_no_more(
    model: Path, tmp_path: Path
) -> None:
    tile = np.random.default_rng(0).integers(0, 65_536, (50, 50, 3), np.uint16)
    blocks = tile.repeat(20, axis=0).repeat(20, axis=1)
    assert cv2.imwrite(str(tmp_path / "a.tif"), np.tile(blocks, (10, 10, 1)))
    options = ["--box", "3000,3000,3300,3300", "--feather", "5", "-o", tmp_path / "b.tif"]
    assert _kilobytes(model, tmp_path / "a.tif", *options) < MOST_KILOBYTES
    with Image.open(tmp_path / "b.tif") as written:
        assert written.tag_v2[258] == (16, 16, 16)  # type: ignore[attr-defined]


def test_a_folder_of_them_takes_no_more(model: Path, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ["a.jpg", "b.jpg", "c.jpg"]:
        (tmp_path / "in" / name).hardlink_to(photo)
    options = ["--box", "7000,7000,200,100", "-o", tmp_path / "out"]
    assert _kilobytes(model, tmp_path / "in", *options) < MOST_KILOBYTES
    assert len(list((tmp_path / "out").iterdir())) == 3

"""How much memory the largest pictures take, measured on the real command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

MOST_KILOBYTES = 3_000_000
SIDE_PX = 10_000


@pytest.mark.slow
def test_a_jpeg_of_100_megapixels_takes_less_than_3_gigabytes(model: Path, tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux gives ru_maxrss in kilobytes")
    tile = np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8)
    smooth = np.asarray(Image.fromarray(tile).resize((1000, 1000), Image.Resampling.BICUBIC))
    Image.fromarray(np.tile(smooth, (10, 10, 1))).save(tmp_path / "a.jpg", quality=90)
    command = [sys.executable, "-m", "splpaint", "paint", "a.jpg", "--model", str(model)]
    options = ["--box", "100,3000,8900,400", "--box", "7000,7000,200,100", "--dilate", "5", "--feather", "5"]
    measure = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", measure, *command, *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert int(done.stdout) < MOST_KILOBYTES
    with Image.open(tmp_path / "a.painted.jpg") as written:
        assert written.size == (SIDE_PX, SIDE_PX)

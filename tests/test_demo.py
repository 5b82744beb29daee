from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.images.mask_values import read_mask

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
PINK = np.array([232, 62, 140])


@pytest.mark.slow
def test_the_demo_paints_the_hole_of_every_example_and_nothing_else(tmp_path: Path) -> None:
    blocked = "import sys; sys.modules['torch'] = None; import runpy; sys.argv = sys.argv[1:];"
    run = f"{blocked} runpy.run_path(sys.argv[0], run_name='__main__')"
    script = str(ROOT / "scripts" / "demo.py")
    done = subprocess.run(
        [sys.executable, "-c", run, script, str(tmp_path / "out")], check=True, capture_output=True, text=True
    )
    printed = [Path(line.split(": ")[0]) for line in done.stdout.splitlines()[1:]]
    assert sorted(printed) == sorted((tmp_path / "out").iterdir())
    sheet = printed.pop()
    photographs = sorted((EXAMPLES / "photographs").iterdir())
    assert [path.name for path in printed] == [f"{path.stem}.painted.png" for path in photographs]
    for photograph, painted in zip(photographs, printed, strict=True):
        with Image.open(photograph) as given, Image.open(painted) as written:
            before, after = np.asarray(given.convert("RGB")), np.asarray(written)
        hole = read_mask(EXAMPLES / "masks" / f"{photograph.stem}.png")
        np.testing.assert_array_equal(after[~hole], before[~hole])
        assert (after[hole] != before[hole]).any(axis=1).mean() > 0.5
    assert sheet.name == "before-after.jpg"
    with Image.open(sheet) as rows:
        pink = np.abs(np.asarray(rows).astype(int) - PINK).max(axis=2) < 15
    left, right = np.array_split(pink, 2, axis=1)
    assert left.sum() > 1000 > 10 * right.sum()

"""``splpaint explain`` as docs/method.md shows it, and what it refuses."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from splpaint.cli.explain import explain
from splpaint.errors import InputError
from splpaint.explanation import Explanation
from splpaint.images import Hole, Pixels
from tests.cli.commands import splpaint

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "method.md").read_text("utf-8")


def test_the_command_of_the_page_explains_a_real_photograph(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples/photographs/rocket.jpg", tmp_path / "photo.jpg")
    shutil.copy(ROOT / "examples/masks/rocket.png", tmp_path / "mask.png")
    (line,) = re.findall(r"^splpaint (explain .*)$", PAGE, re.MULTILINE)
    command = [sys.executable, "-m", "splpaint", *shlex.split(line)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = r"wrote thoughts\.png\nlikeness: (-?[\d.]+) in the hole, ([\d.]+) elsewhere \(.*\)\n"
    likeness = re.fullmatch(told, done.stdout)
    assert likeness, done.stdout
    # Towers are hidden, and the prior sees the sky go on; elsewhere it has seen what is there.
    assert float(likeness[1]) < 0.15 < 0.25 < float(likeness[2])
    with Image.open(tmp_path / "thoughts.png") as figure, Image.open(tmp_path / "photo.jpg") as photo:
        pixels, shown = np.asarray(figure), photo.resize((60, 40), Image.Resampling.BOX)
    assert (pixels == (232, 62, 140)).all(axis=2).sum() > 2000  # the hole
    panel = Image.fromarray(pixels[28 : 28 + 245, 12 : 12 + 367]).resize((60, 40), Image.Resampling.BOX)
    assert np.abs(np.asarray(panel).astype(int) - np.asarray(shown)).mean() < 2  # the photograph


def test_the_figure_is_a_png(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a \.png for the figure, got .*out\.jpg"):
        explain(tmp_path / "photo.jpg", "mask.png", tmp_path / "out.jpg")


@pytest.mark.parametrize(
    ("options", "hidden"),
    [(["alpha"], 12), (["mask.png"], 20), (["mask.png", "--invert-mask"], 80)],
)
def test_masks_are_read_as_paint_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], hidden: int
) -> None:
    given: dict[str, Any] = {}

    def draw(image: Pixels, hole: Hole, folder: Path, **_: object) -> Explanation:
        given.update(image=image, hole=hole)
        return Explanation(Image.fromarray(image), None)

    monkeypatch.setattr("splpaint.explanation.explaining.explain", draw)
    monkeypatch.chdir(tmp_path)
    photo = np.full((10, 10, 4), 255, np.uint8)
    photo[2:5, 3:7] = (1, 2, 3, 0)
    Image.fromarray(photo).save("photo.png")
    Image.fromarray(np.repeat(np.array([255, 0, 0, 0, 0], np.uint8), 2)[:, None].repeat(10, 1)).save(
        "mask.png"
    )
    done = splpaint("explain", "photo.png", "--mask", *options, "-o", "out.png")
    assert done.returncode == 0, done.stderr
    assert given["hole"].sum() == hidden
    assert given["image"][3, 4].tolist() == [1, 2, 3]

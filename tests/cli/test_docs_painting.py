"""The commands and the Python of ``docs/painting.md``, run as they stand there."""

from __future__ import annotations

import inspect
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from splpaint.cli.paint import paint
from splpaint.images.arrays import Hole, Pixels
from splpaint.model_folder import BUNDLED
from tests.cli.conftest import RunPaint

PAGE = (Path(__file__).parent.parent.parent / "docs" / "painting.md").read_text("utf-8")
COMMANDS = [
    line.removeprefix("splpaint paint ")
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("splpaint paint ") and "<" not in line
]
HEIGHT, WIDTH = 1200, 1600
MASK = np.zeros((HEIGHT, WIDTH), np.bool_)
MASK[100:120, 200:400] = True
BOX = np.zeros_like(MASK)
BOX[1130:1170, 1480:1590] = True
DILATED = np.zeros_like(MASK)
DILATED[94:126, 194:406] = True  # by 6 pixels; its corners are round, and feathered into the photo
OUTPUTS = {
    "holiday.jpg --mask mask.png": ("holiday.jpg", "holiday.painted.jpg", MASK, MASK),
    "scan.png --box 1480,1130,110,40 -o clean.png": ("scan.png", "clean.png", BOX, BOX),
    "erased.png --mask alpha -o whole.png": ("erased.png", "whole.png", MASK, MASK),
    "portrait.tif --mask scratch.png --dilate 6 --feather 4": (
        "portrait.tif",
        "portrait.painted.tif",
        MASK,
        DILATED,
    ),
    "couple.jpg --mask mask.png --avoid others.png": ("couple.jpg", "couple.painted.jpg", MASK, MASK),
    "photos --mask masks -o painted": ("photos/2019/sea.jpg", "painted/2019/sea.jpg", MASK, MASK),
}
"""Command => photo, what is written, where all of it is painted, and where it may be."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))
    for folder in ["photos/2019", "masks/2019"]:
        Path(folder).mkdir(parents=True)
    for name in ["holiday.jpg", "couple.jpg", "scan.png", "portrait.tif", "photos/2019/sea.jpg"]:
        picture.save(name)
    for name in ["mask.png", "scratch.png", "masks/2019/sea.png"]:
        Image.fromarray(MASK).save(name)
    Image.fromarray(np.roll(MASK, 300, axis=0)).save("others.png")
    erased = picture.copy()
    erased.putalpha(Image.fromarray(~MASK).convert("L"))
    erased.save("erased.png")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_paint_the_hole_and_nothing_else(run: RunPaint, place: Path, command: str) -> None:
    photo, output, hole, paintable = OUTPUTS[command]
    before = {path for path in place.rglob("*") if path.is_file()}
    done = run(*command.split())
    assert done.code == 0, done.err
    assert {path for path in place.rglob("*") if path.is_file()} - before == {place / output}
    with Image.open(place / photo) as given, Image.open(place / output) as written:
        assert written.format == given.format
        assert_painted(np.asarray(given), np.asarray(written), hole, paintable, exact=given.format != "JPEG")


def assert_painted(given: Pixels, written: Pixels, hole: Hole, paintable: Hole, *, exact: bool) -> None:
    assert written.shape == given.shape
    colours = np.s_[..., :3]
    errors = np.abs(written[colours].astype(int) - given[colours]).max(axis=2)
    assert (errors[hole] > 0).mean() > 0.99  # noise becomes even there
    assert errors[hole].mean() > 60
    if exact:
        assert errors[~paintable].max() == 0
    else:
        assert errors[~paintable].mean() < 20  # 14: noise suffers most when a JPEG is saved again
    assert written.shape[2] == 3 or (written[..., 3] == 255).all()


def test_the_python_paints_the_hole_and_nothing_else(
    model: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BUNDLED, "compact", model)
    first, *others = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(first, names)
    given = np.asarray(names["image"])
    assert_painted(given, names["pixels"], MASK, MASK, exact=True)
    assert_painted(given, np.asarray(names["restored"]), MASK, MASK, exact=True)
    with Image.open(io.BytesIO(names["data"])) as written:
        assert written.format == "JPEG"
        assert_painted(given, np.asarray(written), MASK, MASK, exact=False)
    for more in others:
        exec(more, names)
    assert_painted(given, np.asarray(names["result"]), MASK, MASK, exact=True)


def test_options_it_names_are_there() -> None:
    parameters = inspect.signature(paint).parameters
    offered = {f"--{name.replace('_', '-')}" for name in parameters}
    offered |= {f"--no-{name}" for name, parameter in parameters.items() if parameter.default is True}
    of_paint = re.sub(r"`(python benchmarks/|splpaint doctor)[^`]*`", "", PAGE)
    named = set(re.findall(r"(?<![-|])--[a-z][a-z-]*", of_paint))
    assert len(COMMANDS) >= 5
    assert len(named) > 10
    assert named <= offered | {"--help"}

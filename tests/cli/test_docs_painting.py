"""The commands and the Python of ``docs/painting.md``, run as they stand there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.cli.paint import paint
from splpaint.inference.models.catalogue import BUNDLED
from tests.cli.conftest import RunPaint

PAGE = (Path(__file__).parent.parent.parent / "docs" / "painting.md").read_text("utf-8")
COMMANDS = [
    line.removeprefix("splpaint paint ")
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("splpaint paint ") and "<" not in line
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (1200, 1600, 3), np.uint8))
    mask = np.zeros((1200, 1600), np.uint8)
    mask[100:120, 200:400] = 255
    for folder in ["photos/2019", "masks/2019"]:
        Path(folder).mkdir(parents=True)
    for name in ["holiday.jpg", "scan.png", "portrait.tif", "photos/2019/sea.jpg"]:
        picture.save(name)
    for name in ["mask.png", "scratch.png", "masks/2019/sea.png"]:
        Image.fromarray(mask).save(name)
    erased = picture.copy()
    erased.putalpha(Image.fromarray(255 - mask))
    erased.save("erased.png")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_work_as_written(run: RunPaint, place: Path, command: str) -> None:
    before = set(place.rglob("*"))
    done = run(*command.split())
    assert done.code == 0, done.err
    assert set(place.rglob("*")) > before


def test_the_python_works_as_written(model: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUNDLED, "compact", model)
    exec("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), {})


def test_options_it_names_are_there() -> None:
    parameters = inspect.signature(paint).parameters
    offered = {f"--{name.replace('_', '-')}" for name in parameters}
    offered |= {f"--no-{name}" for name, parameter in parameters.items() if parameter.default is True}
    without_benchmarks = re.sub(r"`python benchmarks/[^`]*`", "", PAGE)
    named = set(re.findall(r"(?<![-|])--[a-z][a-z-]*", without_benchmarks))
    assert len(COMMANDS) >= 5
    assert len(named) > 10
    assert named <= offered | {"--help"}

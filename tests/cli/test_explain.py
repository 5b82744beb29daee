"""``splpaint explain`` as docs/method.md shows it, and what it refuses."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from splpaint.cli import app as commands
from splpaint.cli.explain import explain
from splpaint.errors import InputError
from tests.cli.commands import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "method.md").read_text("utf-8")


def test_the_command_of_the_page_draws_eight_panels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "explain" in COMMANDS  # importing it registers the commands
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 80), np.uint8)).save("photo.jpg")  # grey
    Image.fromarray(np.pad(np.full((20, 20), 255, np.uint8), ((10, 30), (30, 30)))).save("mask.png")
    (line,) = re.findall(r"^splpaint (explain .*)$", PAGE, re.MULTILINE)
    done = CliRunner().invoke(commands.app, shlex.split(line))
    assert (done.exit_code, done.output) == (0, "wrote thoughts.png\n"), done.exception
    with Image.open("thoughts.png") as figure:
        assert figure.width > 4 * 360
        assert figure.height > 2 * 270
    assert CliRunner().invoke(commands.app, shlex.split(line)).exit_code == 1  # it is there


def test_the_figure_is_a_png(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a \.png for the figure, got .*out\.jpg"):
        explain(tmp_path / "photo.jpg", tmp_path / "mask.png", tmp_path / "out.jpg")

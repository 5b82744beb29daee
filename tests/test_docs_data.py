"""docs/data.md does what it says: its commands run in order on small datasets and print what stands below them.

Checksums may be any, since those of pictures depend on the library that wrote them.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from tests import dataset_samples as samples

PAGE = Path(__file__).parent.parent / "docs" / "data.md"
BLOCK = re.compile(r"```sh\n(?P<commands>.*?)```\n\n```output\n(?P<output>.*?)```", re.DOTALL)


class Step(NamedTuple):
    """A block of commands and what they print together."""

    commands: list[str]
    output: str


def steps() -> list[Step]:
    """All blocks of the page, in order."""
    text = PAGE.read_text("utf-8")
    found = [Step(each["commands"].splitlines(), each["output"]) for each in BLOCK.finditer(text)]
    assert len(found) == text.count("```sh\n") == text.count("```output\n")
    return found


def lay_out(root: Path) -> None:
    """The folders that the page speaks of, with a few pictures each."""
    downloads = root / "downloads"
    samples.paris(downloads / "paris")
    samples.celeba(downloads / "celeba")
    samples.places2(downloads)
    samples.masks(downloads / "mask" / "testing_mask_dataset", count=12)
    samples.masks(downloads / "qd_imd" / "test", count=6, white_known=True)
    samples.masks(downloads / "irregular_mask", count=6, white_known=True)
    for number in range(4):
        samples.save(samples.photograph(number, 320, 240), root / "photos" / "holiday" / f"{number}.jpg")
    for number in range(2):
        cut_out = samples.photograph(number).convert("RGBA")
        cut_out.putalpha(
            Image.linear_gradient("L").resize(cut_out.size).point(lambda level: 255 * (level > 127))
        )
        samples.save(cut_out, root / "cut-outs" / f"{number}.png")


def run(command: str, root: Path) -> str:
    """What a command prints."""
    name, *arguments = shlex.split(command)
    assert name == "splpaint"
    full = [sys.executable, "-m", "splpaint", *arguments]
    done = subprocess.run(full, cwd=root, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def without_checksums(text: str) -> str:
    """The text with a word in place of every SHA-256."""
    return re.sub(r"\b[0-9a-f]{64}\b", "SHA-256", text)


@pytest.mark.slow
def test_every_command_of_the_page_prints_what_stands_below_it(tmp_path: Path) -> None:
    lay_out(tmp_path)
    for step in steps():
        printed = "".join(run(command, tmp_path) for command in step.commands)
        assert without_checksums(printed) == without_checksums(step.output)


def test_the_page_s_picture_is_small() -> None:
    assert "![Six masks of each kind](masks.png)" in PAGE.read_text("utf-8")
    assert (PAGE.parent / "masks.png").stat().st_size < 200_000

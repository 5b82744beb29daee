"""docs/models.md does what it says of other people's models, with stand-ins for the files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from splpaint.cli import app as commands
from splpaint.inference.models import KNOWN, Contract
from tests.cli.commands import COMMANDS
from tests.dataset_samples import save
from tests.foreign_model import write_foreign
from tests.mirror import mirroring

PAGE = (Path(__file__).parent.parent / "docs" / "models.md").read_text("utf-8")
SECTION = PAGE.partition("## Other people's models")[2].partition("\n## ")[0]


def test_the_commands_for_other_people_s_models_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "models add" in COMMANDS  # importing it registers the commands
    monkeypatch.chdir(tmp_path)
    write_foreign(tmp_path / "exported.onnx", KNOWN["aot-gan"].contract)
    photo = Image.fromarray(np.random.default_rng(0).integers(0, 256, (70, 90, 3), np.uint8))
    mask = Image.fromarray(np.pad(np.full((20, 20), 255, np.uint8), ((10, 40), (30, 40))))
    for image, place in (
        (photo, "photo.jpg"),
        (mask, "mask.png"),
        (photo, "photos/photo.jpg"),
        (mask, "masks/photo.png"),
    ):
        save(image, tmp_path / place)
    blocks = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(splpaint [^`]+)` \|$", SECTION, re.MULTILINE)
    assert len(lines) >= 12
    with mirroring(tmp_path, KNOWN["lama"].contract, monkeypatch):
        (tmp_path / "published.onnx").rename(tmp_path / "lama_fp32.onnx")
        for line in lines:
            command, _, target = line.partition(" > ")
            name, *arguments = shlex.split(command)
            assert name == "splpaint"
            done = CliRunner().invoke(commands.app, arguments)
            assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception}"
            if target:
                Path(target).write_text(done.output, "utf-8")
    assert (tmp_path / "photo.painted.jpg").exists()
    assert (tmp_path / "out" / "photo.jpg").exists()
    assert {path.name for path in (tmp_path / "models").iterdir()} == {"lama", "mine"}


def test_the_table_of_contracts_has_every_key_and_no_other() -> None:
    assert re.findall(r"^\| `(\w+)` \|", SECTION, re.MULTILINE) == list(Contract.model_fields)

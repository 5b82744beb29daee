"""docs/models.md does what it says of other people's models, with stand-ins for the files."""

from __future__ import annotations

import hashlib
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
from tests.foreign_model import write_foreign

PAGE = (Path(__file__).parent.parent / "docs" / "models.md").read_text("utf-8")
SECTION = PAGE.partition("## Other people's models")[2].partition("\n## ")[0]


def test_the_commands_for_other_people_s_models_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "models add" in COMMANDS  # importing it registers the commands
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPLPAINT_MODELS", str(tmp_path / "models"))
    lama = write_foreign(tmp_path / "lama_fp32.onnx", KNOWN["lama"].contract)
    digits = hashlib.sha256(lama.read_bytes()).hexdigest()
    monkeypatch.setitem(KNOWN, "lama", KNOWN["lama"]._replace(sha256=digits))
    write_foreign(tmp_path / "exported.onnx", KNOWN["aot-gan"].contract)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (70, 90, 3), np.uint8)).save("photo.jpg")
    Image.fromarray(np.pad(np.full((20, 20), 255, np.uint8), ((10, 40), (30, 40)))).save("mask.png")
    lines = [
        line for block in re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL) for line in block.splitlines()
    ]
    assert len(lines) >= 7
    for line in lines:
        command, _, target = line.partition(" > ")
        name, *arguments = shlex.split(command)
        assert name == "splpaint"
        done = CliRunner().invoke(commands.app, arguments)
        assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception}"
        if target:
            Path(target).write_text(done.output, "utf-8")
    assert (tmp_path / "photo.painted.jpg").exists()
    assert {path.name for path in (tmp_path / "models").iterdir()} == {"lama", "mine"}


def test_the_table_of_contracts_has_every_key_and_no_other() -> None:
    assert re.findall(r"^\| `(\w+)` \|", SECTION, re.MULTILINE) == list(Contract.model_fields)

"""docs/evaluation.md does what it says: its commands and its Python run in order, and leave what it speaks of."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.pairs import iterate_manifest, load_pair, pair_names
from tests import dataset_samples as samples

PAGE = Path(__file__).parent.parent / "docs" / "evaluation.md"
NO_TORCH = "import sys; sys.modules |= dict.fromkeys(('torch', 'timm', 'torchmetrics'))"
# All in one process, which imports what they need once.
COMMANDS = """
import json, sys
from splpaint.cli.app import main
for sys.argv[1:] in json.loads(sys.argv[1]):
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def run(code: str, root: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{arguments}\n{done.stderr}"


def by_networks(command: list[str]) -> bool:
    return "--measure" in command or "--weights" in command


def run_commands(commands: Iterable[list[str]], root: Path) -> None:
    """Run them with what the page says that they need: torch for measures by networks alone."""
    for networks, those in groupby(commands, by_networks):
        run(COMMANDS if networks else f"{NO_TORCH}\n{COMMANDS}", root, json.dumps(list(those)))


def paint_elsewhere(root: Path) -> None:
    """What the reader does with another project's model."""
    (root / "results" / "lama").mkdir(parents=True)
    for name, record in zip(pair_names(root / "test.csv"), iterate_manifest(root / "test.csv"), strict=True):
        image, hole = load_pair(record, root)
        Image.fromarray(np.where(hole[..., None], np.uint8(128), image)).save(
            root / "results" / "lama" / f"{name}.png"
        )


@pytest.mark.slow
def test_every_command_of_the_page_works(tmp_path: Path) -> None:
    for number in range(2):
        samples.save(samples.photograph(number, 320, 280), tmp_path / "photos" / "test" / f"{number}.png")
    (tmp_path / "my-weights").mkdir()
    # Two photographs make four pairs; readers have more, and ask for a longer sheet.
    commands = [
        line.replace("--blind 12", "--blind 4") for block in blocks("sh") for line in block.splitlines()
    ]
    assert len(commands) >= 8
    assert all(command.startswith("splpaint ") for command in commands)
    first, *others = [shlex.split(command)[1:] for command in commands]
    run_commands([first], tmp_path)
    paint_elsewhere(tmp_path)
    run_commands(others, tmp_path)
    for code in blocks("python"):
        run(f"{NO_TORCH}\n{code}", tmp_path)
    for folder in ("report", "with-lama", "merged", "mine"):
        assert (tmp_path / folder / "report.json").exists(), folder
    settings = {
        name: json.loads((tmp_path / name / "report.json").read_bytes())["settings"]
        for name in ("report", "by-network")
    }
    assert "needs the module timm" in settings["report"]["left_out"]["effnet"]
    assert settings["by-network"]["measures"] == ["psnr_hole", "effnet"]
    for file in re.findall(r"`(report/[\w.-]+)`", PAGE.read_text("utf-8")):
        assert (tmp_path / file).exists(), file

"""``splpaint runs`` and ``splpaint train --dry-run``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.cli.commands import splpaint
from tests.tiny_run import TINY, write_photographs


def test_a_run_is_shown_without_torch(tmp_path: Path) -> None:
    rows = [{"step": n, "images": 8 * n, "seconds": n, "total": 1 / n} for n in range(20, 100, 20)]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    code = (
        "import sys\nsys.modules['torch'] = None\n"
        f"sys.argv = ['splpaint', 'runs', 'show', {str(tmp_path)!r}]\n"
        "from splpaint.cli.app import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == ["step 80, 640 images in 0.02 hours", "losses: total 0.0125"]
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.width == 1200


def test_a_folder_that_holds_no_run_is_refused(tmp_path: Path) -> None:
    done = splpaint("runs", "show", str(tmp_path))
    assert done.returncode == 2
    assert "a run's folder holds log.jsonl" in done.stderr
    assert not (tmp_path / "curves.png").exists()


def test_a_dry_run_prints_the_recipe_and_writes_nothing(tmp_path: Path) -> None:
    photographs, out = write_photographs(tmp_path / "photographs"), tmp_path / "run"
    arguments = ("train", "compact", *TINY, f"data.images={photographs}", f"run.out={out}", "--dry-run")
    done = splpaint(*arguments)
    assert done.returncode == 0, done.stderr
    assert f'data.images = "{photographs}"' in done.stdout.splitlines()
    assert "# 3 images per epoch, 2 steps of 2" in done.stdout
    assert not out.exists()
    misspelt = splpaint(*arguments, "optimizer.rate=1e-3")
    assert misspelt.returncode == 2
    assert "unknown key optimizer; did you mean optimiser?" in misspelt.stderr

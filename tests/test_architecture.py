"""What may import what, and what a bare installation can import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import splpaint

PACKAGE = Path(splpaint.__file__).parent
FLOORS = {
    "cpu": 0,
    "errors": 0,
    "decoding": 0,
    "deep_pictures": 0,
    "hole_shapes": 0,
    "images": 0,
    "jpeg_xl_header": 0,
    "notices": 0,
    "photo_files": 0,
    "photo_holes": 0,
    "photo_metadata": 0,
    "whole_files": 0,
    "networks": 1,
    "data": 1,
    "evaluation": 2,
    "inference": 2,
    "training": 3,
    "recipes": 4,
    "serving": 4,
    "cli": 5,
}
CORE = (
    "splpaint",
    "splpaint.inference.inpainter",
    "splpaint.data.mask_sets",
    "splpaint.data.pairing",
    "splpaint.data.pairing_published",
    "splpaint.data.preparing",
    "splpaint.cli.app",
    "splpaint.cli.paint",
    "splpaint.cli.paint_folder",
    "splpaint.inference.batch",
    "splpaint.inference.diagnosis",
)
EXTRAS = ("torch", "timm", "cv2", "skimage", "safetensors", "onnx", "fastapi", "ray")


def imports_of(file: Path) -> set[str]:
    """Names of our own top-level parts that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            modules = [node.module or ""]
            if node.module == "splpaint":
                modules = [f"splpaint.{alias.name}" for alias in node.names]
        names |= {module.split(".")[1] for module in modules if module.startswith("splpaint.")}
    return names & FLOORS.keys()


def files_by_part() -> list[tuple[str, Path]]:
    files = [path for path in PACKAGE.rglob("*.py") if path.name not in {"__main__.py"}]
    parts = [(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path) for path in files]
    return [(part, path) for part, path in parts if part != "__init__"]


def test_every_part_of_the_package_has_a_floor() -> None:
    assert {part for part, _ in files_by_part()} <= FLOORS.keys()


@pytest.mark.parametrize(
    ("part", "file"), files_by_part(), ids=lambda value: str(value).split("splpaint/")[-1]
)
def test_imports_only_go_down(part: str, file: Path) -> None:
    for imported in imports_of(file) - {part}:
        lower = FLOORS[imported] < FLOORS[part]
        beside = FLOORS[imported] == FLOORS[part] == 0
        assert lower or beside, f"{file} (floor {FLOORS[part]}) imports {imported} (floor {FLOORS[imported]})"


@pytest.mark.parametrize("module", CORE)
def test_the_core_imports_without_the_extras(module: str) -> None:
    blocked = "import sys\n" + "".join(f"sys.modules[{name!r}] = None\n" for name in EXTRAS)
    subprocess.run([sys.executable, "-c", f"{blocked}import {module}"], check=True)


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_load_no_heavy_library(argument: str) -> None:
    code = (
        "import sys\n"
        f"sys.argv = ['splpaint', {argument!r}]\n"
        "from splpaint.cli.app import main\n"
        "try:\n    main()\n"
        "finally:\n"
        "    heavy = {'torch', 'openvino', 'numpy', 'PIL', 'pydantic'} & sys.modules.keys()\n"
        "    assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "splpaint" in done.stdout


def test_importing_is_silent_and_changes_nothing() -> None:
    code = (
        "import os, sys, warnings\n"
        "before = dict(os.environ), list(warnings.filters)\n"
        "import splpaint\n"
        "assert before == (dict(os.environ), list(warnings.filters))\n"
        "assert not {'torch', 'openvino', 'numpy'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")

"""What may import what, and what a bare installation can import."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import splpaint

ROOT = Path(splpaint.__file__).parent
FLOORS = (
    {"errors", "notices", "cpu", "random_streams", "versions"},
    {
        "atomic_files",
        "downloads",
        "lazy",
        "locks",
        "machine",
        "parallel",
        "model_folder",
        "precision",
        "shares",
        "tables",
    },
    {"images", "networks", "metrics"},
    {"masks", "datasets", "inference"},
    {"cluster", "pairs", "training", "export"},
    {"evaluation", "serving", "explanation"},
    {"cli"},
)
FLOOR_OF = {part: number for number, floor in enumerate(FLOORS) for part in floor}
FLOOR_OF[""] = len(FLOORS)  # the package's entrance, which names what lower floors hold
TORCH = {"torch", "torchvision", "timm", "safetensors", "torchmetrics", "torch_fidelity"}
TORCH_ROOMS = (
    "networks",
    "training",
    "inference.engines.torch_engine",
    "evaluation.deep",
    "export",
    "explanation",
)
TORCH_FREE = ("networks.config", "training.config", "training.recipes")
MOST_FILES = 20
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
SERVING = ("fastapi", "starlette", "uvicorn", "python_multipart", "prometheus_client")
EXTRAS = (
    *TORCH,
    *SERVING,
    "cv2",
    "onnx",
    "onnxruntime",
    "fsspec",
    "s3fs",
    "ray",
    "pyarrow",
    "datasets",
    "sklearn",
)


class Import(NamedTuple):
    """One import, wherever in a file it stands: at the top, in a function, for type checking."""

    importer: str
    imported: str


class House:
    """A package as its files say: modules by their dotted names, and who imports what."""

    def __init__(self, root: Path) -> None:
        self.name = root.name
        self.files = {self._dotted(file, root): file for file in root.rglob("*.py")}
        self.imports = [
            Import(module, imported) for module, file in self.files.items() for imported in self._of(file)
        ]
        entrances = {"", "__main__"}
        self.inner = [
            pair for pair in self.imports if pair.imported in self.files and pair.importer not in entrances
        ]

    def _dotted(self, file: Path, root: Path) -> str:
        parts = file.relative_to(root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def _of(self, file: Path) -> Iterator[str]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (self._inside(alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file}: relative import"
                for alias in node.names:
                    member = self._inside(f"{node.module}.{alias.name}")
                    yield member if member in self.files else self._inside(node.module or "")

    def _inside(self, module: str) -> str:
        # Our own modules without the package's name, those of others behind a colon.
        return module.removeprefix(self.name).removeprefix(".") if self._ours(module) else f":{module}"

    def _ours(self, module: str) -> bool:
        return module == self.name or module.startswith(self.name + ".")

    def is_folder(self, module: str) -> bool:
        return self.files[module].name == "__init__.py"

    def folders(self) -> list[str]:
        """Those that have a facade."""
        return [module for module in self.files if self.is_folder(module) and module not in {"", "cli"}]


def climbs(house: House) -> list[str]:
    """Imports of the same floor or of a higher one."""
    found = []
    for importer, imported in house.inner:
        here, there = importer.partition(".")[0], imported.partition(".")[0]
        if here != there and FLOOR_OF[there] >= FLOOR_OF[here]:
            found.append(
                f"{importer} (floor {FLOOR_OF[here]}) imports {imported or 'the entrance'} (floor {FLOOR_OF[there]})"
            )
    return found


def circles(house: House) -> list[str]:
    """Files that import each other, directly or through others; a facade is what its files say."""
    graph: dict[str, set[str]] = {module: set() for module in house.files}
    for importer, imported in house.inner:
        if imported and imported != importer:
            graph[importer].add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" -> ".join(error.args[1])]
    return []


def back_doors(house: House) -> list[str]:
    """Imports into a folder past its facade."""
    found = []
    for importer, imported in house.inner:
        folder = imported.rpartition(".")[0]
        if not folder or house.is_folder(imported) or importer == folder or importer.startswith(folder + "."):
            continue
        found.append(f"{importer} imports {imported} past the facade of {folder}")
    return found


def strange_rooms(house: House) -> list[str]:
    """Parts without a floor; folders with too many files, or without a facade that names its public things."""
    found = [f"{module} has no floor" for module in house.files if module.partition(".")[0] not in FLOOR_OF]
    found = [line for line in found if not line.startswith((" has", "__main__"))]
    for module in house.folders():
        file = house.files[module]
        if (files := len(list(file.parent.glob("*.py")))) > MOST_FILES:
            found.append(f"{module} holds {files} files")
        if "__all__" not in file.read_text("utf-8"):
            found.append(f"{module} has no __all__")
    return found


def torch_outside(house: House) -> list[str]:
    """Imports of torch and its kind outside their rooms."""
    found = []
    for importer, imported in house.imports:
        room = any(importer == name or importer.startswith(name + ".") for name in TORCH_ROOMS)
        free = any(importer == name or importer.startswith(name + ".") for name in TORCH_FREE)
        if imported.removeprefix(":").partition(".")[0] in TORCH and (free or not room):
            found.append(f"{importer} imports {imported}")
    return found


def options_in_strings(house: House) -> list[str]:
    """Strings outside the commands that name an option of theirs; docstrings, too."""
    return [
        f"{module} says {option}"
        for module, file in house.files.items()
        if module.partition(".")[0] != "cli"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for option in OPTION.findall(node.value)
    ]


RULES: dict[str, Callable[[House], list[str]]] = {
    "imports only go down": climbs,
    "no circle": circles,
    "folders are entered by their facade": back_doors,
    "every room is in order": strange_rooms,
    "torch stays in its rooms": torch_outside,
    "the library does not speak the command line": options_in_strings,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_package_keeps_the_rule(rule: str) -> None:
    assert RULES[rule](House(ROOT)) == []


@pytest.mark.parametrize(
    ("rule", "file", "text"),
    [
        ("imports only go down", "images/planted.py", "def f():\n    from splpaint.masks import deal"),
        ("imports only go down", "masks/planted.py", "from splpaint.inference import Inpainter"),
        ("imports only go down", "masks/planted.py", "from splpaint import __version__"),
        ("no circle", "images/planted.py", "if TYPE_CHECKING:\n    from splpaint.images.other import a"),
        ("folders are entered by their facade", "cli/planted.py", "from splpaint.images.other import a"),
        ("every room is in order", "utils.py", ""),
        ("every room is in order", "images/inner/__init__.py", ""),
        ("torch stays in its rooms", "images/planted.py", "def f():\n    import torch.nn"),
        ("torch stays in its rooms", "networks/config.py", "from torch import Tensor"),
        ("the library does not speak the command line", "images/planted.py", 'f"{1}: pass --resize-mask"'),
        ("the library does not speak the command line", "masks/planted.py", '"""``--count`` is needed."""'),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, rule: str, file: str, text: str) -> None:
    house = tmp_path / "splpaint"
    for folder in ("", "images", "masks", "inference", "networks", "cli"):
        (house / folder).mkdir(exist_ok=True)
        (house / folder / "__init__.py").write_text('__all__ = ["a"]\n')
    (house / "images" / "other.py").write_text("from splpaint.images import planted\n")
    (house / "images" / "planted.py").write_text("")
    (house / "networks" / "config.py").write_text("")
    for check in RULES.values():
        assert check(House(house)) == []
    (house / file).parent.mkdir(exist_ok=True)
    (house / file).write_text(text + "\n")
    assert RULES[rule](House(house))


def test_every_facade_has_what_it_names() -> None:
    for module in House(ROOT).folders():
        facade = importlib.import_module(f"splpaint.{module}")
        assert [name for name in facade.__all__ if not hasattr(facade, name)] == []


def test_too_many_files_in_a_folder_are_found(tmp_path: Path) -> None:
    (tmp_path / "splpaint" / "images").mkdir(parents=True)
    for number in range(MOST_FILES):
        (tmp_path / "splpaint" / "images" / f"file_{number}.py").touch()
    (tmp_path / "splpaint" / "images" / "__init__.py").write_text("__all__ = []\n")
    assert strange_rooms(House(tmp_path / "splpaint")) == ["images holds 21 files"]


def test_all_but_the_rooms_of_extras_can_be_imported_without_the_extras() -> None:
    house = House(ROOT)
    modules = [
        f"splpaint.{module}" if module else "splpaint"
        for module in house.files
        if module != "__main__"
        and module.partition(".")[0] != "serving"
        and (
            not any(module.startswith(room + ".") for room in TORCH_ROOMS)
            or any(module == free or module.startswith(free + ".") for free in TORCH_FREE)
        )
    ]
    code = "import importlib, sys\n" + "".join(f"sys.modules[{name!r}] = None\n" for name in EXTRAS)
    code += f"for module in {modules}:\n    importlib.import_module(module)\n"
    subprocess.run([sys.executable, "-c", code], check=True)


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

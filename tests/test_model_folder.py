from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from splpaint.errors import ModelError
from splpaint.inference.models.catalogue import find_model
from splpaint.model_folder import BUNDLED, checksums_of, read_checksums, read_description, require_undamaged
from tests.stand_in_model import write_stand_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = write_stand_in(tmp_path / "model")
    (folder / "SHA256SUMS").write_bytes(checksums_of(folder))
    return folder


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_checksums_are_those_that_sha256sum_reads(folder: Path) -> None:
    for place in (folder, BUNDLED["compact"]):
        subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=place, check=True)
    assert set(read_checksums(folder)) == {"config.json", "model.onnx"}
    assert set(read_checksums(BUNDLED["compact"])) == {"config.json", "model.onnx", "model.safetensors"}


@pytest.mark.parametrize("name", ["config.json", "model.onnx"])
def test_a_changed_byte_is_refused_when_the_model_is_loaded(folder: Path, name: str) -> None:
    assert find_model(folder).name == "stand-in"
    data = bytearray((folder / name).read_bytes())
    data[-3] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ModelError, match=rf"{name} must have the SHA-256 \w+\.\.\., as SHA256SUMS says, got"):
        find_model(folder)


def test_a_change_that_keeps_size_and_time_is_found_in_another_process_alone(folder: Path) -> None:
    require_undamaged(folder, "model.onnx")
    times = (folder / "model.onnx").stat()
    data = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(data[:-1] + b"x")
    os.utime(folder / "model.onnx", ns=(times.st_atime_ns, times.st_mtime_ns))
    require_undamaged(folder, "model.onnx")  # not read again
    code = f"from splpaint.inference.models.catalogue import find_model; find_model({str(folder)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "model.onnx must have the SHA-256" in done.stderr


def test_a_model_without_checksums_is_taken_as_it_is(folder: Path) -> None:
    (folder / "SHA256SUMS").unlink()
    (folder / "model.onnx").write_bytes(b"another")
    require_undamaged(folder, "model.onnx", "config.json")


def test_what_is_no_list_of_checksums_is_refused(folder: Path) -> None:
    for text in (b"x", b"\xff\xfe"):
        (folder / "SHA256SUMS").write_bytes(text)
        with pytest.raises(ModelError, match="SHA256SUMS must hold a checksum and a name in each line"):
            find_model(folder)


def test_a_file_that_is_listed_and_missing_is_named(folder: Path) -> None:
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx must be there"):
        find_model(folder)


def test_a_folder_that_is_no_model_is_told_what_it_is(tmp_path: Path) -> None:
    for name in ("empty", "run/model", "other", "foreign"):
        (tmp_path / name).mkdir(parents=True)
    write_stand_in(tmp_path / "run" / "latest")
    (tmp_path / "foreign" / "contract.json").touch()
    (tmp_path / "other" / "config.json").write_text('{"model_type": "bert", "vocab_size": 30522}')
    (tmp_path / "file").touch()
    wanted = {
        "nowhere": "which is not there; check the path",
        "file": "which is a file; check the path",
        "empty": "without config.json; give the folder that holds them",
        "run": f"did you mean {tmp_path / 'run' / 'latest'}",
        "foreign": "a model of other people",
        "other": "or give another folder if this is another program's",
    }
    for name, said in wanted.items():
        with pytest.raises(ModelError, match=re.escape(said)):
            read_description(tmp_path / name)
    (tmp_path / "run" / "config.json").write_text('{"data": {}}')  # a run has one of its own
    with pytest.raises(ModelError, match=r"the folder of a training run; did you mean .*latest"):
        read_description(tmp_path / "run")

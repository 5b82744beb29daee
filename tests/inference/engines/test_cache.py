from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from splpaint.inference.engines import openvino_engine
from splpaint.inference.engines.cache import cache_folder, recall, remember
from splpaint.inference.engines.openvino_engine import OpenVINOEngine
from splpaint.notices import collected
from tests.stand_in_model import write_stand_in


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stand_in(tmp_path_factory.mktemp("models") / "model") / "model.onnx"


def test_what_is_remembered_is_recalled_and_damage_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    assert recall(folder, "key") is None
    remember(folder, "key", b"network")
    assert recall(folder, "key") == b"network"
    (file,) = folder.iterdir()
    for damaged in [b"", b"short", file.read_bytes()[:-1], file.read_bytes() + b"x"]:
        file.write_bytes(damaged)
        assert recall(folder, "key") is None


def test_the_longest_unused_make_room(tmp_path: Path) -> None:
    for number in range(8):
        remember(tmp_path, str(number), b"network")
        os.utime(tmp_path / f"{number}.compiled", (number, number))
    assert recall(tmp_path, "0") is not None  # used again
    remember(tmp_path, "8", b"network")
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted("02345678")


@pytest.mark.parametrize("where", ["/proc/none", "/dev/null"])
def test_a_folder_that_cannot_be_written_is_no_hindrance(network: Path, where: str) -> None:
    remember(Path(where), "key", b"network")
    assert recall(Path(where), "key") is None
    OpenVINOEngine(network, cache=Path(where))


def test_a_chosen_folder_that_cannot_be_written_is_told_once(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SPLPAINT_CACHE", str(tmp_path / "file"))
    with collected() as notes:
        OpenVINOEngine(network, cache=cache_folder())
    (note,) = notes
    assert note.startswith(f"SPLPAINT_CACHE must be a folder that can be written, got {tmp_path / 'file'}, ")
    with collected() as notes:
        monkeypatch.setenv("SPLPAINT_CACHE", str(tmp_path / "folder"))
        OpenVINOEngine(network, cache=cache_folder())
        monkeypatch.delenv("SPLPAINT_CACHE")
        OpenVINOEngine(network, cache=tmp_path / "file")
    assert notes == []


def test_the_place_can_be_chosen_and_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPLPAINT_CACHE", "/somewhere")
    assert cache_folder() == Path("/somewhere")
    monkeypatch.setenv("SPLPAINT_CACHE", "")
    assert cache_folder() is None
    monkeypatch.delenv("SPLPAINT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    for platform, place in [
        ("linux", "/xdg/splpaint"),
        ("win32", "/local/splpaint"),
        ("darwin", f"{Path.home()}/Library/Caches/splpaint"),
    ]:
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_folder() == Path(place)


def test_a_recalled_network_paints_the_same_without_being_read_again(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(0)
    picture = (
        draw.random((1, 3, 64, 128), np.float32),
        (draw.random((1, 1, 64, 128)) < 0.3).astype(np.float32),
    )
    first = OpenVINOEngine(network, precision="fp32", cache=tmp_path)(*picture)
    assert len(list(tmp_path.iterdir())) == 1
    with monkeypatch.context() as second:
        second.setattr(openvino_engine, "_read_network", None)
        again = OpenVINOEngine(network, precision="fp32", cache=tmp_path)(*picture)
    np.testing.assert_array_equal(again, first)
    (file,) = tmp_path.iterdir()
    remember(tmp_path, file.stem, b"no network, though whole")
    np.testing.assert_array_equal(OpenVINOEngine(network, precision="fp32", cache=tmp_path)(*picture), first)


def test_every_network_has_a_file_of_its_own(network: Path, tmp_path: Path) -> None:
    other = write_stand_in(tmp_path / "other") / "model.onnx"
    other.write_bytes(other.read_bytes() + b"\x72\x00")  # an empty documentation field
    for onnx in [network, other, network]:
        OpenVINOEngine(onnx, precision="fp32", cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_processes_may_share_it(network: Path, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from splpaint.inference.engines.openvino_engine import OpenVINOEngine\n"
        f"engine = OpenVINOEngine(Path({str(network)!r}), cache=Path({str(tmp_path)!r}))\n"
        "engine(np.zeros((1, 3, 64, 64), np.float32), np.zeros((1, 1, 64, 64), np.float32))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0] * 4
    assert len(list(tmp_path.iterdir())) == 1

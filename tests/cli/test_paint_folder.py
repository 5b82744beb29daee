"""``splpaint paint FOLDER``, by subprocess: what it leaves, says and exits with, however it ends."""

from __future__ import annotations

import hashlib
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.atomic_files import _digits
from splpaint.cli.terminal import in_options
from splpaint.images.arrays import read_rgb
from splpaint.images.mask_values import WRONG_WAY_ROUND, read_mask
from tests.cli.commands import splpaint

COUNT = 150


def _folder(place: Path, names: list[str], height: int = 30, width: int = 40) -> Path:
    for number, name in enumerate(names):
        pixels = np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / name)
    return place


def _mask(path: Path, height: int = 30, width: int = 40) -> Path:
    mask = np.zeros((height, width), np.uint8)
    mask[5:15, 10:20] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).save(path)
    return path


def _command(model: Path, *arguments: object) -> list[str]:
    return [sys.executable, "-m", "splpaint", "paint", *map(str, arguments), "--model", str(model)]


def _command_on_two_cores(model: Path, *arguments: object) -> list[str]:
    """The same with as few pictures under way at once on a large machine as on a small one."""
    code = (
        "import os, runpy\n"
        "if hasattr(os, 'sched_setaffinity'):\n"
        "    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])\n"
        "runpy.run_module('splpaint', run_name='__main__', alter_sys=True)\n"
    )
    return [sys.executable, "-c", code, *_command(model, *arguments)[3:]]


def _run(model: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(model, *arguments), capture_output=True, text=True, check=False, timeout=100
    )


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_folder_is_painted_and_painted_again_only_if_asked(model: Path, tmp_path: Path) -> None:
    names = ["a.png", "a.jpg", "sub/b.png", "sub/x/c.webp"]
    photos = _folder(tmp_path / "in", names)
    for name in ["a", "sub/b", "sub/x/c"]:
        _mask(tmp_path / "masks" / f"{name}.png")
    options = [photos, "--mask", tmp_path / "masks", "-o", tmp_path / "out"]
    done = _run(model, *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("painted 4 of 4 pictures by stand-in on OpenVINO CPU in ")
    first = _files(tmp_path / "out")
    assert sorted(first) == sorted(names)
    hole = read_mask(tmp_path / "masks" / "a.png")
    np.testing.assert_array_equal(
        read_rgb(tmp_path / "out" / "a.png")[~hole], read_rgb(photos / "a.png")[~hole]
    )
    assert (read_rgb(tmp_path / "out" / "a.png")[hole] != read_rgb(photos / "a.png")[hole]).any()

    (tmp_path / "out" / "a.png").write_bytes(b"mine")
    again = _run(model, *options)
    assert again.returncode == 0
    assert "painted 0 of 4" in again.stdout
    assert "kept 4 results that were there (--overwrite repaints)" in again.stdout
    assert (tmp_path / "out" / "a.png").read_bytes() == b"mine"
    assert "painted 4 of 4" in _run(model, *options, "--overwrite").stdout
    assert _files(tmp_path / "out") == first


def test_where_all_is_painted_no_cluster_is_begun(model: Path, tmp_path: Path) -> None:
    photos, mask = _folder(tmp_path / "in", ["a.png", "b.png"]), _mask(tmp_path / "mask.png")
    (photos / "notes.txt").touch()
    options = ["paint", photos, "--mask", mask, "-o", tmp_path / "out", "--model", model]
    assert splpaint(*options).returncode == 0
    first = _files(tmp_path / "out")
    done = splpaint(*options, "--cluster", "none:1")
    assert (done.returncode, done.stderr) == (
        0,
        f"left out: 1 .txt in {photos}, no pictures by their names\n",
    )
    assert done.stdout.startswith(
        "painted 0 of 2 pictures, kept 2 results that were there (--overwrite repaints), "
    )
    manifest = (tmp_path / "out" / "manifest.csv").read_text()
    assert manifest.count(",kept,") == 2
    assert hashlib.sha256(first["a.png"]).hexdigest() in manifest


def test_failures_and_misses_are_told_and_the_rest_is_painted(model: Path, tmp_path: Path) -> None:
    photos = _folder(tmp_path / "in", ["a.png", "b.png", "c.png", "d.png"])
    (photos / "b.png").write_bytes(b"no picture")
    _folder(photos, ["d.png"], height=9)
    for name in ["a", "b", "d"]:
        _mask(tmp_path / "masks" / f"{name}.png")
    done = _run(model, photos, "--mask", tmp_path / "masks", "-o", tmp_path / "out")
    assert done.returncode == 1
    assert list(_files(tmp_path / "out")) == ["a.png"]
    assert done.stdout.startswith("painted 1 of 4 ")
    assert "1 without a mask, 2 failed" in done.stdout
    failed, missing, small = done.stderr.splitlines()
    assert failed.startswith("failed: ")
    assert "b.png is not a picture" in failed
    assert missing.startswith("missing: ")
    assert "c.png: no mask c.*" in missing
    assert "d.png: mask must have the image's size 40x9" in small


def test_nothing_in_the_folder_is_left_out_in_silence(model: Path, tmp_path: Path) -> None:
    photos = _folder(tmp_path / "in", ["a.png", "still.gif", "moving.gif", "pages.tif"])
    for name in ["moving.gif", "pages.tif"]:
        with Image.open(photos / "a.png") as first:
            first.save(photos / name, save_all=True, append_images=[Image.new("RGB", (40, 30))])
    for name in ["notes.txt", "sub/scan.pdf", "sub/raw.NEF", ".hidden"]:
        (photos / name).parent.mkdir(exist_ok=True)
        (photos / name).touch()
    done = _run(model, photos, "--box", "1,1,5,5", "-o", tmp_path / "out")
    assert done.returncode == 1
    assert sorted(_files(tmp_path / "out")) == ["a.png", "still.png"]
    palette, others, moving, pages = done.stderr.splitlines()
    assert palette == f"warning: {photos / 'still.gif'}: {photos / 'still.gif'} has a palette: it becomes RGB"
    assert others == f"left out: 1 .nef, 1 .pdf, 1 .txt in {photos}, no pictures by their names"
    assert moving.startswith(f"failed: {photos / 'moving.gif'} is animated")
    assert pages.startswith(f"failed: {photos / 'pages.tif'} is animated or has several pages (2)")
    assert "painted 2 of 4 " in done.stdout
    assert "2 failed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--mask", "m.png", "-o", "out"], "does not exist"),
        (["empty", "--mask", "m.png", "-o", "out"], "0 pictures found"),
        (["in", "--mask", "none", "-o", "out"], "which is not there"),
        (["in", "--mask", "empty", "-o", "out"], "0 pictures found"),
        (["in", "--mask", "m.png", "-o", "in"], "another folder than the input"),
        (["in", "--mask", "m.png"], "pass --output FOLDER"),
        (["in", "--mask", "m.png", "-o", "-"], "pass --output FOLDER"),
        (["in", "--mask", "m.png", "-o", "out", "--save-mask", "s.png"], "--save-mask is for one photograph"),
        (["in", "--mask", "m.png", "-o", "out", "--shard", "3/2"], "--shard must be one of 1/N to N/N"),
        (["in", "--mask", "m.png", "-o", "out", "--shard", "2/2"], "use fewer shards"),
        (["in", "--mask", "m.png", "-o", "out", "--format", "gif"], "format must be one of"),
        (["in", "--mask", "m.png", "-o", "out", "--format", "heic"], "needs the module pillow_heif"),
        (["in", "--box", "nan", "-o", "out"], "--box must be four whole numbers"),
        (["in", "--box", "1,2,3,0", "-o", "out"], "--box must lie inside the picture"),
        (
            ["in", "--mask", "m.png", "-o", "out", "--dilate", "-1"],
            "--dilate must be 0 to 512 pixels, got -1",
        ),
        (["in", "--mask", "m.png", "-o", "out", "--feather", "999"], "--feather must be 0 to 512 pixels"),
        (["in", "--mask", "m.png", "-o", "out", "--feather", "x"], "--feather"),
        (["in", "--mask", "m.png", "-o", "out", "--quality", "0"], "--quality"),
        (["in", "--mask", "m.png", "-o", "out", "--precision", "fp64"], "precision must be one of"),
        (["in", "-o", "out"], "neither --mask nor --box"),
    ],
)
def test_what_cannot_begin_exits_with_2_and_writes_nothing(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _folder(tmp_path / "in", ["a.png"])
    (tmp_path / "empty").mkdir()
    _mask(tmp_path / "m.png")
    blocked = tmp_path / "blocked" / "pillow_heif"  # as if it were not installed
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text("raise ImportError", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(blocked.parent))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    before = _files(tmp_path)
    done = _run(model, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert _files(tmp_path) == before
    assert not (tmp_path / "out").exists()


def test_a_missing_model_exits_with_2(tmp_path: Path) -> None:
    photos, mask = _folder(tmp_path / "in", ["a.png"]), _mask(tmp_path / "m.png")
    done = _run(tmp_path / "none", photos, "--mask", mask, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


def test_shards_paint_the_folder_between_them(model: Path, tmp_path: Path) -> None:
    names = [f"{number % 2}/{number}.png" for number in range(7)]
    photos, mask = _folder(tmp_path / "in", names), _mask(tmp_path / "m.png")
    _run(model, photos, "--mask", mask, "-o", tmp_path / "whole")
    for number, count in [(1, 3), (2, 2), (3, 2)]:
        done = _run(model, photos, "--mask", mask, "-o", tmp_path / "out", "--shard", f"{number}/3")
        assert done.stdout.startswith(f"painted {count} of {count} ") or number == 1
    assert _files(tmp_path / "out") == _files(tmp_path / "whole")


def test_the_inputs_are_never_overwritten(model: Path, tmp_path: Path) -> None:
    photos, mask = _folder(tmp_path / "in", ["in/a.png", "b.png"]), _mask(tmp_path / "m.png")
    _folder(tmp_path / "in", ["a.png"])
    before = _files(photos)
    done = _run(model, photos / "in", "--mask", mask, "-o", photos, "--overwrite")
    assert done.returncode == 0  # in/in/a.png => in/a.png, which is no input here
    assert _files(photos)["in/a.png"] == before["in/a.png"]
    done = _run(model, photos, "--mask", mask, "-o", tmp_path, "--overwrite")
    assert done.returncode == 1  # in/in/a.png => in/a.png
    assert "is one of the inputs" in done.stderr


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("work")
    _folder(place / "in", [f"{number % 3}/{number:03}.png" for number in range(COUNT)], 250, 400)
    _mask(place / "m.png", 250, 400)
    return place


@pytest.fixture(scope="module")
def uninterrupted(model: Path, work: Path) -> dict[str, bytes]:
    assert _run(model, work / "in", "--mask", work / "m.png", "-o", work / "whole").returncode == 0
    return _files(work / "whole")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_however_it_ends_it_goes_on_where_it_was(
    model: Path, work: Path, tmp_path: Path, uninterrupted: dict[str, bytes], how: signal.Signals
) -> None:
    out = tmp_path / "out"
    options = [work / "in", "--mask", work / "m.png", "-o", out]
    for enough in [4, 12]:
        command = _command_on_two_cores(model, *options)
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        end_s = time.monotonic() + 60
        while len(list(out.rglob("*.png"))) < enough and time.monotonic() < end_s:
            time.sleep(0.002)
        running.send_signal(how)
        said, complained = running.communicate(timeout=60)
        so_far = {name: data for name, data in _files(out).items() if not name.endswith(".part")}
        assert so_far.items() <= uninterrupted.items()  # whole files only
        assert enough <= len(so_far) < COUNT
        if how == signal.SIGKILL:
            assert running.returncode == -how
        else:
            assert running.returncode == 130
            assert "interrupted: run the same command again" in complained
            assert said.startswith("painted ")
            assert len(_files(out)) == len(so_far)
    killed = out / "0" / f".{_digits('000.png')}0123456789abcdef.part"
    killed.write_bytes(b"half")
    done = _run(model, *options)
    assert done.returncode == 0
    assert _files(out) == uninterrupted  # and no leftovers


def test_progress_shows_on_terminals_only(model: Path, tmp_path: Path) -> None:
    photos, mask = _folder(tmp_path / "in", ["a.png", "b.png"]), _mask(tmp_path / "m.png")
    reader, writer = pty.openpty()
    environment = os.environ | {"COLUMNS": "100", "TERM": "xterm"}
    command = _command(model, photos, "--mask", mask, "-o", tmp_path / "out")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=writer, env=environment, check=True)
    os.close(writer)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)
    assert "painting" in shown
    assert "2/2" in shown
    assert b"painting" not in done.stdout


def test_progress_over_the_crops_of_one_picture_shows_on_terminals_only(model: Path, tmp_path: Path) -> None:
    photo = _folder(tmp_path, ["a.png"], 300, 400) / "a.png"
    command = _command(model, photo, "--box", "5,5,9,9", "--box", "300,200,9,9", "--overwrite")
    reader, writer = pty.openpty()
    environment = os.environ | {"COLUMNS": "100", "TERM": "xterm"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=writer, env=environment, check=True)
    os.close(writer)
    assert "painting" in os.read(reader, 100_000).decode()
    os.close(reader)
    assert done.stdout.startswith(b"wrote ")
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""


def test_a_misnamed_picture_is_told_and_written_as_its_name_says(model: Path, tmp_path: Path) -> None:
    photos = _folder(tmp_path / "in", ["a.png"])
    (photos / "a.png").rename(photos / "a.jpg")
    done = _run(model, photos, "--box", "1,1,4,4", "-o", tmp_path / "out")
    assert done.returncode == 0
    assert "a.jpg: its name says JPEG, its content is PNG; it is written as JPEG" in done.stderr


def test_warnings_stand_beside_their_picture(model: Path, tmp_path: Path) -> None:
    photos = _folder(tmp_path / "in", ["a.png", "b.png"])
    Image.new("L", (40, 30)).save(tmp_path / "black.png")
    done = _run(model, photos, "--mask", tmp_path / "black.png", "-o", tmp_path / "out")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        f"warning: {photos / name}: the mask marks nothing: the picture is copied; {in_options(WRONG_WAY_ROUND)}"
        for name in ["a.png", "b.png"]
    ]
    assert _files(tmp_path / "out") == _files(photos)

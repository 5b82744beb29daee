"""``splpaint paint``: pipes, alpha masks, grown and softened holes, formats, 16 bits."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from splpaint.images.arrays import read_rgb
from splpaint.images.mask_values import read_mask
from tests.cli.conftest import (
    BOX,
    HEIGHT,
    WIDTH,
    RunPaint,
    assert_refused,
    files,
    noise,
    png,
    save_mask,
)


def test_a_picture_comes_in_on_stdin_and_goes_out_on_stdout(model: Path, tmp_path: Path) -> None:
    noise().save(tmp_path / "a.jpg", quality=70)
    command = [sys.executable, "-m", "splpaint", "paint", "-", "--box", BOX, "--model", str(model)]
    data = (tmp_path / "a.jpg").read_bytes()
    for output, format in [([], "JPEG"), (["-o", "-"], "JPEG"), (["-o", "-", "--format", "png"], "PNG")]:
        done = subprocess.run(
            [*command, *output], cwd=tmp_path, input=data, capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        assert Image.open(io.BytesIO(done.stdout)).format == format
        assert done.stderr.startswith(b"wrote stdout: 40x30, 6.67% painted by stand-in")
        assert done.stderr.count(b"\n") == 1
    assert list(files(tmp_path)) == ["a.jpg"]
    known = np.ones((HEIGHT, WIDTH), np.bool_)
    known[6:14, 5:15] = False
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(done.stdout)))[known], read_rgb(tmp_path / "a.jpg")[known]
    )


def test_a_file_can_go_out_on_stdout_and_stdin_into_a_file(model: Path, tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    command = [sys.executable, "-m", "splpaint", "paint", "--box", BOX, "--model", str(model)]
    out = subprocess.run([*command, "a.png", "-o", "-"], cwd=tmp_path, capture_output=True, check=True)
    with (tmp_path / "a.png").open("rb") as stdin:
        subprocess.run([*command, "-", "-o", "b.png"], cwd=tmp_path, stdin=stdin, check=True)
    assert (tmp_path / "b.png").read_bytes() == out.stdout


def test_a_mask_comes_in_on_stdin(model: Path, tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    save_mask(tmp_path / "mask.png")
    command = [sys.executable, "-m", "splpaint", "paint", "a.png", "--model", str(model), "--mask"]
    subprocess.run([*command, "mask.png", "-o", "b.png"], cwd=tmp_path, check=True)
    data = (tmp_path / "mask.png").read_bytes()
    subprocess.run([*command, "-", "-o", "c.png"], cwd=tmp_path, check=True, input=data)
    assert (tmp_path / "c.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    wrong = subprocess.run(
        [*command, "-"], cwd=tmp_path, input=b"no picture", capture_output=True, check=False
    )
    assert wrong.returncode == 2
    assert wrong.stderr.startswith(b"error: mask is not a picture")


@pytest.mark.parametrize("data", [b"", b"no picture", png(Image.new("L", (4, 4)))[:30]])
def test_what_is_no_picture_on_stdin_is_refused_and_nothing_goes_out(
    model: Path, tmp_path: Path, data: bytes
) -> None:
    command = [sys.executable, "-m", "splpaint", "paint", "-", "--box", "0,0,1,1", "--model", str(model)]
    done = subprocess.run(command, cwd=tmp_path, input=data, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"error: stdin ")


def test_a_damaged_picture_is_refused_with_the_way_and_painted_if_asked(
    run: RunPaint, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(png(noise())[:-1500])
    before = files(tmp_path)
    done = run(tmp_path / "a.png", "--box", BOX)
    assert_refused(done, tmp_path, before)
    assert "pass --accept-damaged to use what can be decoded" in done.err
    assert run(tmp_path / "a.png", "--box", BOX, "--accept-damaged").code == 0
    painted = read_rgb(tmp_path / "a.painted.png")
    np.testing.assert_array_equal(painted[:6], np.asarray(noise())[:6])
    (tmp_path / "in").mkdir()
    (tmp_path / "a.png").rename(tmp_path / "in" / "a.png")
    done = run(tmp_path / "in", "--box", BOX, "-o", tmp_path / "out")
    assert (done.code, "pass --accept-damaged" in done.err) == (1, True)
    done = run(tmp_path / "in", "--box", BOX, "-o", tmp_path / "out", "--accept-damaged")
    assert done.code == 0
    assert "of 30, as it is stored, are missing" in done.err


def test_what_is_transparent_is_painted_and_becomes_opaque(run: RunPaint, tmp_path: Path) -> None:
    pixels = np.asarray(noise("RGBA")).copy()
    pixels[:, :, 3] = 200
    pixels[6:14, 5:15] = (255, 0, 0, 20)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert run(tmp_path / "a.png", "--mask", "alpha", "--save-mask", tmp_path / "m.png").code == 0
    hole = np.zeros((HEIGHT, WIDTH), np.bool_)
    hole[6:14, 5:15] = True
    np.testing.assert_array_equal(read_mask(tmp_path / "m.png"), hole)
    with Image.open(tmp_path / "a.painted.png") as written:
        painted = np.asarray(written)
    np.testing.assert_array_equal(painted[~hole], pixels[~hole])
    assert (painted[hole][:, 3] == 255).all()
    assert (painted[hole][:, :3] != (255, 0, 0)).any(axis=1).all()


def test_what_is_transparent_in_16_bits_is_painted(run: RunPaint, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(40_000, 65_536, (HEIGHT, WIDTH, 4), np.uint16)
    pixels[6:14, 5:15, 3] = 9
    assert cv2.imwrite(str(tmp_path / "a.png"), pixels)
    assert run(tmp_path / "a.png", "--mask", "alpha").code == 0
    painted = cv2.imread(str(tmp_path / "a.painted.png"), cv2.IMREAD_UNCHANGED)
    assert painted is not None
    hole = pixels[:, :, 3] < 32_768
    np.testing.assert_array_equal(painted[~hole], pixels[~hole])
    assert (painted[hole][:, 3] == 65_535).all()


def test_a_picture_without_transparency_has_no_alpha_mask(run: RunPaint, tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    before = files(tmp_path)
    done = run(tmp_path / "a.png", "--mask", "alpha")
    assert_refused(done, tmp_path, before)
    assert "needs a picture with transparency" in done.err


def test_the_hole_can_be_grown_and_its_edge_softened(run: RunPaint, tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    options = ["--box", BOX, "--dilate", "4", "--feather", "3", "--save-mask", tmp_path / "m.png"]
    assert run(tmp_path / "a.png", *options).code == 0
    hole = read_mask(tmp_path / "m.png")
    assert hole[2:18, 5:15].all()
    assert hole[6:14, 1:19].all()
    assert not hole[2, 1]  # round
    before, after = read_rgb(tmp_path / "a.png"), read_rgb(tmp_path / "a.painted.png")
    np.testing.assert_array_equal(before[~hole], after[~hole])


def test_auto_grows_the_hole_and_says_by_how_much(run: RunPaint, tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    options = ["--box", BOX, "--dilate", "auto", "--save-mask", tmp_path / "m.png"]
    done = run(tmp_path / "a.png", *options)
    assert done.code == 0
    assert ", mask grown by 6 px, " in done.out
    exact = run(tmp_path / "a.png", "--box", BOX, "--dilate", "6", "-o", tmp_path / "c.png")
    assert exact.code == 0
    np.testing.assert_array_equal(read_rgb(tmp_path / "a.painted.png"), read_rgb(tmp_path / "c.png"))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.png", ["--dilate", "-1"], "dilate must be 0 to 512 pixels, got -1"),
        ("a.png", ["--feather", "999"], "feather must be 0 to 512 pixels, got 999"),
        ("a.png", ["--format", "gif"], "format must be one of png"),
        ("a.png", ["--format", "jpeg", "-o", "b.png"], "must agree"),
        ("a.png", ["--shard", "1/2"], "--shard divides a folder"),
        (".", [], "pass --output FOLDER"),
        (".", ["-o", "-"], "pass --output FOLDER"),
        (".", ["-o", "b", "--save-mask", "m.png"], "--save-mask is for one photograph"),
        (".", ["-o", "b", "--mask", "-"], "--mask - is for one photograph"),
        ("-", ["--mask", "-"], "stdin holds one picture"),
    ],
)
def test_wrong_new_options_are_refused(
    run: RunPaint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    options: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    noise().save("a.png")
    before = files(tmp_path)
    done = run(name, "--box", BOX, *options)
    assert_refused(done, tmp_path, before)
    assert message in done.err


def test_format_and_quality_can_be_chosen(run: RunPaint, tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    sizes = []
    for quality in [20, 95]:
        options = ["--format", "jpeg", "--quality", quality, "--overwrite"]
        assert run(tmp_path / "a.png", "--box", BOX, *options).code == 0
        sizes.append((tmp_path / "a.painted.jpeg").stat().st_size)
    assert sizes[0] < sizes[1] / 2
    assert "PNG loses nothing" in run(tmp_path / "a.png", "--box", BOX, "--quality", 9).err


@pytest.mark.parametrize("format", ["heic", "jxl"])
def test_a_format_of_a_plugin_can_be_chosen(model: Path, tmp_path: Path, format: str) -> None:
    noise().save(tmp_path / "a.png")
    command = [sys.executable, "-m", "splpaint", "paint", "a.png", "--box", BOX, "--model", str(model)]
    subprocess.run([*command, "--format", format], cwd=tmp_path, check=True)
    assert read_rgb(tmp_path / f"a.painted.{format}").shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("options", [["--format", "heic"], ["-o", "b.heif"]])
def test_a_format_whose_plugin_is_missing_is_refused_before_anything_is_painted(
    run: RunPaint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setattr("splpaint.inference.load_inpainter", None)
    noise().save("a.png")
    before = files(tmp_path)
    done = run("a.png", "--box", BOX, *options)
    assert_refused(done, tmp_path, before)
    assert "needs the module pillow_heif" in done.err
    assert "pip install '.[formats]'" in done.err


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bits_are_kept(run: RunPaint, tmp_path: Path, suffix: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 65_536, (HEIGHT, WIDTH), np.uint16)
    Image.fromarray(pixels).save(tmp_path / f"a{suffix}")
    assert run(tmp_path / f"a{suffix}", "--box", BOX, "--save-mask", tmp_path / "m.png").code == 0
    with Image.open(tmp_path / f"a.painted{suffix}") as written:
        painted = np.asarray(written)
    assert painted.dtype == np.uint16
    hole = read_mask(tmp_path / "m.png")
    np.testing.assert_array_equal(painted[~hole], pixels[~hole])
    assert (painted[hole] != pixels[hole]).any()


@pytest.mark.parametrize("device", ["cuda:99", "gpu:99", "tpu"])
def test_a_device_that_is_not_there_is_refused(run: RunPaint, tmp_path: Path, device: str) -> None:
    noise().save(tmp_path / "a.png")
    before = files(tmp_path)
    done = run(tmp_path / "a.png", "--box", BOX, "--device", device)
    assert_refused(done, tmp_path, before)
    assert "device" in done.err

"""``splpaint paint`` on files that are cut short, damaged or no photographs: painted whole, or refused."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.images.arrays import read_rgb
from tests.cli.conftest import (
    BOX,
    HEIGHT,
    LOSSLESS,
    WIDTH,
    RunPaint,
    assert_refused,
    files,
    noise,
)


@functools.cache
def _whole_file(suffix: str) -> bytes:
    buffer = io.BytesIO()
    image = noise("P" if suffix == ".gif" else "RGB")
    formats = {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".bmp": "BMP", ".gif": "GIF"}
    exif = (
        {}
        if suffix in {".bmp", ".gif"}
        else {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x0f\0\2\0\0\0\4abc\0\0\0\0\0"}
    )
    image.save(buffer, formats[suffix], **exif)
    return buffer.getvalue()


def _assert_painted_or_refused(run: RunPaint, photo: Path) -> None:
    before = files(photo.parent)
    done = run(photo, "--box", "0,0,1,1")
    if done.code == 2:
        assert_refused(done, photo.parent, before)
        return
    # Damage that does not show: a reader may do without the last bytes, or see other colours.
    assert done.code == 0
    (output,) = set(files(photo.parent)) - set(before)
    original, painted = read_rgb(photo), read_rgb(photo.parent / output)
    assert painted.shape == original.shape
    if Path(output).suffix in LOSSLESS:
        np.testing.assert_array_equal(painted.reshape(-1, 3)[1:], original.reshape(-1, 3)[1:])


_SUFFIXES = [".png", ".jpg", ".webp", ".tif", ".bmp", ".gif"]


@pytest.mark.parametrize("suffix", _SUFFIXES)
@pytest.mark.parametrize("share", [0.0, 1e-9, 0.001, 0.004, 0.01, 0.03, 0.1, 0.3, 0.5, 0.8, 0.95, 0.999])
def test_a_file_cut_short_is_refused_or_painted_whole(
    run: RunPaint, tmp_path: Path, suffix: str, share: float
) -> None:
    data = _whole_file(suffix)
    (tmp_path / f"a{suffix}").write_bytes(data[: int(np.ceil(len(data) * share))])
    _assert_painted_or_refused(run, tmp_path / f"a{suffix}")


@pytest.mark.parametrize("suffix", _SUFFIXES)
@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_is_refused_or_painted_whole(
    run: RunPaint, tmp_path: Path, suffix: str, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    data = np.frombuffer(_whole_file(suffix), np.uint8).copy()
    places = draw.integers(0, 200 if seed % 2 else len(data), 1 + seed)
    data[places] = draw.integers(0, 256, places.size)
    (tmp_path / f"a{suffix}").write_bytes(data.tobytes())
    _assert_painted_or_refused(run, tmp_path / f"a{suffix}")


def _moving(path: Path) -> None:
    noise().save(path, save_all=True, append_images=[Image.new("RGB", (WIDTH, HEIGHT))])


def _bomb(path: Path) -> None:
    data = bytearray(_whole_file(".bmp"))
    data[18:26] = (60_000).to_bytes(4, "little") * 2
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("moving.gif", _moving),
        ("moving.png", _moving),
        ("moving.webp", _moving),
        ("pages.tif", _moving),
        ("bomb.bmp", _bomb),
        ("bomb.png", lambda path: Image.new("1", (10_001, 10_000)).save(path)),
        ("float.tif", lambda path: Image.new("F", (9, 9)).save(path)),
        ("lab.tif", lambda path: Image.new("LAB", (9, 9)).save(path)),
        ("text.png", lambda path: path.write_text("no picture")),
        ("svg.png", lambda path: path.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")),
        ("drawing.eps", lambda path: noise().save(path)),
        ("document.pdf", lambda path: noise().save(path)),
        ("zeros.jpg", lambda path: path.write_bytes(bytes(10_000))),
        ("folder.png", lambda path: path.mkdir()),
        ("missing.png", lambda path: None),
        ("loop.png", lambda path: path.symlink_to(path)),
    ],
)
def test_what_is_no_photograph_is_refused(
    run: RunPaint, tmp_path: Path, name: str, write: Callable[[Path], object]
) -> None:
    write(tmp_path / name)
    before = files(tmp_path)
    done = run(tmp_path / name, "--box", "0,0,1,1")
    assert_refused(done, tmp_path, before)
    assert name in done.err


@pytest.mark.parametrize("photo", ["", "\0.png", "x" * 5000, "a\ud800.png"])
def test_paths_that_cannot_be_are_refused(run: RunPaint, tmp_path: Path, photo: str) -> None:
    assert run(photo, "--box", BOX).code == 2

from __future__ import annotations

import functools
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from splpaint.cli.paint import paint
from splpaint.errors import SplpaintError
from splpaint.images.arrays import read_rgb
from splpaint.images.mask_values import read_mask
from tests.cli.conftest import (
    BOX,
    HEIGHT,
    WIDTH,
    Run,
    RunPaint,
    assert_refused,
    files,
    noise,
    png,
    save_mask,
)

LOSSLESS = {".png", ".tif", ".bmp"}


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.bmp"])
def test_a_photograph_is_painted_beside_itself_in_its_format(
    run: RunPaint, tmp_path: Path, name: str
) -> None:
    photo, mask = tmp_path / name, save_mask(tmp_path / "mask.png")
    noise().save(photo)
    done = run(photo, "--mask", mask)
    output = tmp_path / f"a.painted{photo.suffix}"
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"wrote {output}: 40x30, 8.25% painted by ")
    assert "stand-in on OpenVINO CPU in " in done.out
    assert done.out.count("\n") == 1
    assert sorted(files(tmp_path)) == sorted([name, "mask.png", output.name])
    hole = read_mask(mask)
    before, after = read_rgb(photo), read_rgb(output)
    assert (before[hole] != after[hole]).any()
    if photo.suffix in LOSSLESS:
        np.testing.assert_array_equal(before[~hole], after[~hole])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_turned_photograph_is_painted_upright(
    run: RunPaint, tmp_path: Path, orientation: int, suffix: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo, output = tmp_path / f"a{suffix}", tmp_path / f"a.painted{suffix}"
    noise().save(photo, exif=exif.tobytes())
    height, width = read_rgb(photo).shape[:2]
    assert (width, height) == ((WIDTH, HEIGHT) if orientation < 5 else (HEIGHT, WIDTH))
    mask = save_mask(tmp_path / "mask.png", height, width)
    assert run(photo, "--mask", mask).code == 0
    known = ~read_mask(mask)
    np.testing.assert_array_equal(read_rgb(output)[known], read_rgb(photo)[known])
    with Image.open(output) as written:
        assert written.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize(
    ("mode", "options", "result"),
    [
        ("1", {}, "L"),
        ("L", {}, "L"),
        ("LA", {}, "LA"),
        ("P", {}, "RGB"),
        ("P", {"transparency": 3}, "RGBA"),
        ("L", {"transparency": 0}, "LA"),
        ("RGB", {"transparency": (0, 0, 0)}, "RGBA"),
        ("RGBA", {}, "RGBA"),
    ],
)
def test_odd_modes_keep_every_known_pixel(
    run: RunPaint, tmp_path: Path, mode: str, options: dict[str, Any], result: str
) -> None:
    (tmp_path / "a.png").write_bytes(png(noise(mode), **options))
    assert run(tmp_path / "a.png", "--box", BOX, "--save-mask", tmp_path / "m.png").code == 0
    known = ~read_mask(tmp_path / "m.png")
    with Image.open(tmp_path / "a.png") as before, Image.open(tmp_path / "a.painted.png") as after:
        assert after.mode == result
        rgba = np.asarray(before.convert("RGBA")), np.asarray(after.convert("RGBA"))
    np.testing.assert_array_equal(rgba[0][known], rgba[1][known])
    np.testing.assert_array_equal(rgba[0][:, :, 3], rgba[1][:, :, 3])


@pytest.mark.parametrize("size", [(1, 2), (2, 1), (1, 300), (300, 1), (7, 5), (65, 64)])
def test_odd_sizes_are_painted(run: RunPaint, tmp_path: Path, size: tuple[int, int]) -> None:
    photo = tmp_path / "a.png"
    noise("RGB", *size).save(photo)
    assert run(photo, "--box", "0,0,1,1").code == 0
    before, after = read_rgb(photo).reshape(-1, 3), read_rgb(tmp_path / "a.painted.png").reshape(-1, 3)
    np.testing.assert_array_equal(before[1:], after[1:])


def test_boxes_and_a_mask_add_up_and_can_be_saved(run: RunPaint, tmp_path: Path) -> None:
    mask = save_mask(tmp_path / "mask.png")
    noise().save(tmp_path / "a.png")
    arguments = ["--mask", mask, "--box", "0,0,2,3", "--box", "39,29,1,1", "--save-mask", tmp_path / "m.png"]
    assert run(tmp_path / "a.png", *arguments).code == 0
    expected = read_mask(mask)
    expected[:3, :2] = expected[29, 39] = True
    np.testing.assert_array_equal(read_mask(tmp_path / "m.png"), expected)


def test_a_mask_can_be_inverted_and_scaled(run: RunPaint, tmp_path: Path) -> None:
    mask = np.full((HEIGHT // 2, WIDTH // 2), 255, np.uint8)
    mask[3:6, 4:9] = 0
    Image.fromarray(mask).save(tmp_path / "mask.png")
    noise().save(tmp_path / "a.png")
    arguments = ["--mask", tmp_path / "mask.png", "--save-mask", tmp_path / "m.png"]
    assert run(tmp_path / "a.png", *arguments, "--invert-mask", "--resize-mask").code == 0
    expected = (mask == 0).repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_array_equal(read_mask(tmp_path / "m.png"), expected)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_an_empty_mask_copies_the_file_byte_for_byte(run: RunPaint, tmp_path: Path, name: str) -> None:
    noise().save(tmp_path / name)
    Image.new("L", (WIDTH, HEIGHT)).save(tmp_path / "mask.png")
    done = run(tmp_path / name, "--mask", tmp_path / "mask.png", "-o", tmp_path / f"b{Path(name).suffix}")
    assert done.code == 0
    assert done.err.startswith("warning: the mask marks nothing: the picture is copied; ")
    assert "--invert-mask" in done.err
    assert (tmp_path / f"b{Path(name).suffix}").read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize(
    ("level", "share", "message"),
    [(255, 0.7, "warning: the mask marks 70%.*--invert-mask"), (200, 0.5, "warning: .* grey")],
)
def test_large_and_grey_masks_are_painted_with_a_warning(
    run: RunPaint, tmp_path: Path, level: int, share: float, message: str
) -> None:
    noise().save(tmp_path / "a.png")
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[: round(HEIGHT * share)] = level
    Image.fromarray(mask).save(tmp_path / "mask.png")
    done = run(tmp_path / "a.png", "--mask", tmp_path / "mask.png")
    assert done.code == 0
    assert len(done.err.splitlines()) == 1
    assert re.match(message, done.err)


def test_a_cmyk_jpeg_is_painted_in_rgb_with_a_warning(run: RunPaint, tmp_path: Path) -> None:
    noise("CMYK").save(tmp_path / "a.jpg")
    done = run(tmp_path / "a.jpg", "--box", BOX)
    assert done.code == 0
    assert "is in CMYK" in done.err
    with Image.open(tmp_path / "a.painted.jpg") as written:
        assert written.mode == "RGB"


def test_a_gif_is_painted_into_a_png_with_a_warning(run: RunPaint, tmp_path: Path) -> None:
    noise("P").save(tmp_path / "a.gif")
    done = run(tmp_path / "a.gif", "--box", BOX)
    assert done.code == 0
    assert "GIF cannot be written back; the painted picture becomes a .png" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "neither --mask nor --box"),
        (["--mask", "small.png"], "mask must have the image's size 40x30, got 20x15; pass --resize-mask"),
        (["--mask", "white.png"], "every pixel"),
        (["--mask", "white.png"], "--invert-mask"),
        (["--mask", "black.png", "--invert-mask"], "every pixel"),
        (["--mask", "ones.png"], "0 and 255"),
        (["--mask", "missing.png"], "does not exist"),
        (["--mask", "text.txt"], "not a picture"),
        (["--mask", "."], "not a file"),
        (["--box", "0,0,40,30"], "every pixel"),
        (["--box", "0,0,41,30"], "inside the picture of 40x30"),
        (["--box", "-1,0,5,5"], "inside the picture"),
        (["--box", "0,0,0,5"], "inside the picture"),
        (["--box", "40,0,1,1"], "inside the picture"),
        (["--box", "1,2,3"], "four whole numbers"),
        (["--box", "1,2,3,4,5"], "four whole numbers"),
        (["--box", "a,b,c,d"], "four whole numbers"),
        (["--box", "1.5,2,3,4"], "four whole numbers"),
        (["--box", "1_0,2,3,4"], "four whole numbers"),
        (["--box", "\u0661,2,3,4"], "four whole numbers"),
        (["--box", "nan,2,3,4"], "four whole numbers"),
        (["--box", "9" * 5000 + ",0,1,1"], "four whole numbers"),
        (["--box", BOX, "-o", "photo.png"], "another file than the input"),
        (["--box", BOX, "-o", "photo.png", "--overwrite"], "another file than the input"),
        (["--box", BOX, "-o", "white.png"], "exists already"),
        (["--mask", "mask.png", "-o", "mask.png", "--overwrite"], "another file than the input"),
        (["--box", BOX, "-o", "out.xyz"], "suffix must be one of .png, .jpg"),
        (["--box", BOX, "-o", "out"], "suffix must be one of"),
        (["--box", BOX, "-o", "out.gif"], "suffix must be one of"),
        (["--box", BOX, "-o", "no/out.png"], "does not exist"),
        (["--box", BOX, "-o", "x" * 300 + ".png"], "cannot be"),
        (["--box", BOX, "--save-mask", "m.jpg"], "must be a .png"),
        (["--box", BOX, "--save-mask", "photo.painted.png"], "another file than the output"),
        (["--box", BOX, "--save-mask", "white.png"], "exists already"),
        (["--box", BOX, "--save-mask", "photo.png"], "--save-mask must be another file than the input"),
        (
            ["--mask", "mask.png", "--save-mask", "mask.png"],
            "--save-mask must be another file than the input",
        ),
        (["--box", BOX, "--save-mask", "folder.png"], "--save-mask must be a file"),
        (["--box", BOX, "--save-mask", "no/m.png"], "does not exist"),
        (["--box", BOX, "--precision", "fp64"], "one of auto, fp32, bf16"),
    ],
)
def test_wrong_orders_are_refused_in_one_line(
    run: RunPaint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    noise().save("photo.png")
    save_mask(Path("mask.png"))
    Image.new("L", (WIDTH, HEIGHT), 255).save("white.png")
    Image.new("L", (WIDTH, HEIGHT), 0).save("black.png")
    Image.new("L", (WIDTH, HEIGHT), 1).save("ones.png")
    save_mask(Path("small.png"), HEIGHT // 2, WIDTH // 2)
    Path("text.txt").write_text("no picture", "utf-8")
    Path("folder.png").mkdir()
    before = files(tmp_path)
    done = run("photo.png", *arguments)
    assert_refused(done, tmp_path, before)
    assert message in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [["", "--box", BOX], *[["a.png", "--box", BOX, o, ""] for o in ("--mask", "-o", "--save-mask")]],
)
def test_an_empty_name_is_not_the_current_folder(
    run: RunPaint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    noise().save("a.png")
    before = files(tmp_path)
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "empty" in done.err
    assert files(tmp_path) == before


def test_a_hole_of_a_few_pixels_is_not_told_as_none(run: RunPaint, tmp_path: Path) -> None:
    noise("RGB", 300, 400).save(tmp_path / "a.png")
    assert ": 400x300, <0.01% painted by " in run(tmp_path / "a.png", "--box", "5,5,1,2").out


def test_an_unknown_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise().save(tmp_path / "a.png")
    with pytest.raises(SplpaintError, match="compact or a model folder"):
        paint(tmp_path / "a.png", box=[BOX], model="compcat")
    assert list(files(tmp_path)) == ["a.png"]


@pytest.mark.parametrize(
    "target", ["splpaint.inference.outputs.write_atomic", "splpaint.inference.any_size.to_planes"]
)
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), MemoryError(), KeyboardInterrupt()]
)
def test_failures_on_the_way_leave_nothing(
    run: RunPaint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    noise().save(tmp_path / "a.png")
    before = files(tmp_path)
    monkeypatch.setattr(target, fail)
    done = run(tmp_path / "a.png", "--box", BOX)
    assert done.code != 0
    assert done.err.startswith("error: ") or isinstance(error, KeyboardInterrupt)
    assert files(tmp_path) == before


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

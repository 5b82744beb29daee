from __future__ import annotations

import re
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
    LOSSLESS,
    WIDTH,
    RunPaint,
    assert_refused,
    files,
    noise,
    png,
    save_mask,
)


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

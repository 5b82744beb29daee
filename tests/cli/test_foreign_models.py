"""Other people's models in ``splpaint paint FOLDER`` and ``splpaint evaluate``: a stand-in of every contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import ModelProto
from PIL import Image
from typer.testing import CliRunner, Result

from splpaint import load_inpainter
from splpaint.cli import app as commands
from tests import damaged_networks as damaged
from tests.cli.commands import COMMANDS
from tests.foreign_model import SMALL, add_by_hand, foreign_network

CONTRACTS = SMALL | {
    "turned": SMALL["lama-manga"].model_copy(update={"hole_value": 0.0, "known_value": 1.0}),
    "last": SMALL["lama"].model_copy(update={"layout": "NHWC"}),
}
# These see nothing of the hole: of a picture of one colour they give that colour back.
BLIND = [name for name, contract in CONTRACTS.items() if contract.hole_holds in {"anything", "mean"}]
COLOUR = (200, 90, 30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, contract in CONTRACTS.items():
        add_by_hand(folder / name, contract)
    return folder


@pytest.fixture(autouse=True)
def models(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPLPAINT_MODELS", str(folder))


def _run(*arguments: object) -> Result:
    assert "models add" in COMMANDS  # importing it registers the commands
    done = CliRunner().invoke(commands.app, [*map(str, arguments)])
    assert done.exit_code == 0, f"{done.output}\n{done.exception}"
    return done


def _photos(place: Path) -> None:
    # Of one colour, but for what is missing; odd sizes, below the working size, at it, and above.
    (place / "sub").mkdir(parents=True)
    for name, (height, width) in (("a.png", (31, 47)), ("sub/b.png", (64, 64)), ("c.png", (150, 201))):
        pixels = np.empty((height, width, 3), np.uint8)
        pixels[:] = COLOUR
        pixels[_hole(height, width)] = 255
        Image.fromarray(pixels).save(place / name)
    deep = np.empty((67, 90, 3), np.uint16)
    deep[:] = [channel * 257 for channel in COLOUR[::-1]]  # OpenCV's order
    deep[_hole(67, 90)] = 65535
    cv2.imwrite(str(place / "deep.png"), deep)
    exif = Image.Exif()
    exif[271] = "Camera"
    jpeg = Image.fromarray(np.full((71, 53, 3), 77, np.uint8))
    jpeg.save(place / "sub" / "d.jpg", exif=exif, icc_profile=b"a profile", quality=95)


def _hole(height: int, width: int) -> NDArray[np.bool_]:
    hole = np.zeros((height, width), np.bool_)
    hole[height // 4 : height // 2, width // 3 : width // 2] = True
    return hole


def _masks(photos: Path, masks: Path) -> None:
    for photo in photos.rglob("*.*"):
        width, height = Image.open(photo).size
        path = (masks / photo.relative_to(photos)).with_suffix(".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(_hole(height, width)).save(path)


def _pixels(path: Path) -> NDArray[np.uint8 | np.uint16]:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))[..., ::-1]


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_folder_of_all_sizes_and_kinds_is_painted(tmp_path: Path, name: str) -> None:
    _photos(tmp_path / "photos")
    _masks(tmp_path / "photos", tmp_path / "masks")
    options = ("--mask", tmp_path / "masks", "--model", name, "-o", tmp_path / "out")
    done = _run("paint", tmp_path / "photos", *options)
    assert f"painted 5 of 5 pictures by {name} on OpenVINO CPU in " in done.output
    for place in ("a.png", "sub/b.png", "c.png", "deep.png"):
        before, after = _pixels(tmp_path / "photos" / place), _pixels(tmp_path / "out" / place)
        hole = _hole(*before.shape[:2])
        assert (after.dtype, after.shape) == (before.dtype, before.shape)
        np.testing.assert_array_equal(after[~hole], before[~hole])
        assert (after[hole] != before[hole]).any()
        if name in BLIND:
            level = np.iinfo(before.dtype).max // 255
            colour = np.broadcast_to(np.multiply(COLOUR, level), after[hole].shape)
            np.testing.assert_allclose(after[hole], colour, atol=1.01 * level)
        np.testing.assert_array_equal(load_inpainter(name).painter(before, hole), after)
    with Image.open(tmp_path / "out" / "sub" / "d.jpg") as jpeg:
        assert jpeg.getexif()[271] == "Camera"
        assert jpeg.info["icc_profile"] == b"a profile"


def test_all_of_them_are_evaluated_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for number, size in enumerate([(90, 71), (64, 64)]):
        Image.new("RGB", size, COLOUR).save(tmp_path / "photos" / f"{number}.png")
    _run("pairs", "make", "--images", "photos", "--seed", "7", "--side", "64", "-o", "pairs.csv")
    methods = [word for name in CONTRACTS for word in ("--model", name)]
    _run("evaluate", "--pairs", "pairs.csv", *methods, "--no-deep", "--no-timing", "-o", "report")
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    means = report["groups"][0]["means"]
    assert list(means) == list(CONTRACTS)
    for name in CONTRACTS:
        assert (means[name]["mae_hole"]["mean"] <= 1.01) == (name in BLIND), name


def test_a_model_is_timed_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (70, 70), COLOUR).save(tmp_path / "photos" / "a.png")
    _run("pairs", "make", "--images", "photos", "--seed", "7", "--side", "64", "-o", "pairs.csv")
    _run("evaluate", "--pairs", "pairs.csv", "--model", "migan", "--no-deep", "-o", "report")
    assert "migan" in (tmp_path / "report" / "timing.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damaged.swapped, "must take 64x64, its input image"),
        (damaged.not_finite, "must paint finite values"),
        (damaged.of_another_shape, "must paint 3 channels of 64x64"),
        (damaged.with_weights_outside, "must be an ONNX file"),
        (damaged.with_an_operator_of_its_own, "must be an ONNX file"),
        (damaged.claiming_two_gigabytes, "must be an ONNX file"),
    ],
)
def test_a_damaged_model_that_nobody_proved_is_named_and_photos_stay(
    tmp_path: Path, damage: Callable[[ModelProto], None], message: str
) -> None:
    place = add_by_hand(tmp_path / "mine", SMALL["lama"])
    network = foreign_network(SMALL["lama"])
    damage(network)
    (place / "model.onnx").write_bytes(network.SerializeToString())
    _photos(tmp_path / "photos")
    before = {path: path.read_bytes() for path in (tmp_path / "photos").rglob("*.*")}
    for what, output in (("photos/a.png", "out/a.png"), ("photos", "out")):
        (tmp_path / "out").mkdir(exist_ok=True)
        options = ("--box", "3,4,9,9", "--model", place, "-o", tmp_path / output)
        command = ("paint", tmp_path / what, *options)
        refused = CliRunner().invoke(commands.app, [*map(str, command)])
        assert refused.exit_code in {1, 2}
        told = f"{refused.exception} {refused.output}"
        assert f"{place / 'model.onnx'} {message}" in told
    assert {path: path.read_bytes() for path in (tmp_path / "photos").rglob("*.*")} == before
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]

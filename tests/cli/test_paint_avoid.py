"""``splpaint paint --avoid``, and ``avoid=`` in Python: what may not be copied, for one photograph and for a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from splpaint import load_inpainter
from splpaint.errors import InputError
from splpaint.images.arrays import Pixels, read_rgb
from splpaint.notices import PictureWarning
from tests.cli.conftest import RunPaint, assert_refused, files, png
from tests.stand_in_model import write_stand_in

HEIGHT, WIDTH = 200, 240
HOLE = np.zeros((HEIGHT, WIDTH), np.bool_)
HOLE[70:130, 90:150] = True
STRIPE = np.zeros_like(HOLE)
STRIPE[90:110] = True
MAGENTA = (255, 0, 255)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stand-in that fills thick holes from the rest of the picture."""
    folder = write_stand_in(tmp_path_factory.mktemp("models") / "model", working_size_px=64)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"copied_texture": True}), "utf-8")
    return folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(striped()).save("a.png")
    for name, marked in {"mask.png": HOLE, "avoid.png": STRIPE, "small.png": STRIPE[::2, ::2]}.items():
        Image.fromarray(marked).save(name)
    return tmp_path


def striped() -> Pixels:
    pixels = np.random.default_rng(0).integers(60, 120, (HEIGHT, WIDTH, 3), np.uint8)
    pixels[STRIPE] = MAGENTA
    return pixels


def is_copied(painted: Any) -> bool:
    return bool((np.abs(np.asarray(painted)[HOLE].astype(int) - MAGENTA).max(axis=1) < 40).any())


@pytest.mark.parametrize("options", [["avoid.png"], ["small.png", "--resize-mask"]])
def test_nothing_is_copied_from_what_is_white(run: RunPaint, place: Path, options: list[str]) -> None:
    assert run("a.png", "--mask", "mask.png", "-o", "free.png").code == 0
    assert is_copied(read_rgb(place / "free.png"))
    assert run("a.png", "--mask", "mask.png", "-o", "kept.png", "--avoid", *options).code == 0
    painted = read_rgb(place / "kept.png")
    assert not is_copied(painted)
    np.testing.assert_array_equal(painted[~HOLE], striped()[~HOLE])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--avoid", "small.png"], f"--avoid must have the image's size {WIDTH}x{HEIGHT}, got 120x100"),
        (["--avoid", "none.png"], "none.png"),
        (["--avoid", "avoid.png", "-o", "avoid.png", "--overwrite"], "avoid.png"),
        (["--avoid", "white.png"], "--avoid must leave some of the picture to copy from"),
    ],
)
def test_what_cannot_be_avoided_is_refused(
    run: RunPaint, place: Path, options: list[str], message: str
) -> None:
    Image.new("L", (WIDTH, HEIGHT), 255).save("white.png")
    before = files(place)
    done = run("a.png", "--mask", "mask.png", *options)
    assert_refused(done, place, before)
    assert message in done.err


def test_where_nothing_is_copied_it_is_said_that_it_has_no_influence(run: RunPaint, place: Path) -> None:
    done = run("a.png", "--mask", "mask.png", "--avoid", "avoid.png", "--no-texture")
    assert done.code == 0
    assert "warning: --avoid has no influence" in done.err


def test_in_a_folder_each_picture_may_have_its_own(run: RunPaint, place: Path) -> None:
    (place / "in").mkdir()
    (place / "avoid").mkdir()
    for name in ("a", "b"):
        Image.fromarray(striped()).save(place / "in" / f"{name}.png")
    Image.fromarray(STRIPE).save(place / "avoid" / "a.png")
    done = run("in", "--mask", "mask.png", "--avoid", "avoid", "-o", "out")
    assert done.code == 0, done.err
    assert not is_copied(read_rgb(place / "out" / "a.png"))
    assert is_copied(read_rgb(place / "out" / "b.png"))
    done = run("in", "--mask", "mask.png", "--avoid", "avoid/a.png", "-o", "all")
    assert not is_copied(read_rgb(place / "all" / "b.png"))


def test_python_takes_it_in_every_form_of_a_mask(model: Path, place: Path) -> None:
    paint = load_inpainter(model, precision="fp32")
    wanted = paint(striped(), HOLE, avoid=STRIPE)
    assert not is_copied(wanted)
    avoided = Image.open("avoid.png")
    for each in ("avoid.png", place / "avoid.png", avoided, png(avoided)):
        np.testing.assert_array_equal(paint(striped(), HOLE, avoid=each), wanted)
    data = paint((place / "a.png").read_bytes(), HOLE, avoid=STRIPE)
    (place / "b.png").write_bytes(data)
    np.testing.assert_array_equal(read_rgb(place / "b.png"), wanted)
    with pytest.raises(InputError, match="`avoid` must have the image's size"):
        paint(striped(), HOLE, avoid=STRIPE.T)
    with pytest.warns(PictureWarning, match="`avoid` has no influence"):
        load_inpainter(model, texture=False)(striped(), HOLE, avoid=STRIPE)

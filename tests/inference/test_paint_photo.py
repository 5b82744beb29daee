"""A photograph's whole way: what is refused before anything is painted, and what is handed back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images import read_mask, read_rgb
from splpaint.inference import load_inpainter
from splpaint.inference.hole_rules import HoleBox, HoleRules
from splpaint.inference.outputs import FileOutput, MaskOutput, StreamOutput
from splpaint.inference.paint_photo import PaintOptions, paint_file
from splpaint.inference.painter import Painter
from splpaint.inference.photo_mask import MaskBytes, MaskFile, NoMask
from splpaint.notices import PictureWarning
from tests.stand_in_model import write_stand_in

BOX = PaintOptions(HoleRules((HoleBox(5, 6, 10, 8),)))


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Painter:
    """A stand-in."""
    return load_inpainter(
        write_stand_in(tmp_path_factory.mktemp("models") / "model", working_size_px=64)
    ).painter


def _photo(folder: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    return folder / "a.png"


def _no_painter() -> Painter:
    raise AssertionError("nothing was to be painted")


def test_a_file_and_its_bytes_are_painted_alike_and_the_hole_is_told(
    painter: Painter, tmp_path: Path
) -> None:
    photo, got = _photo(tmp_path), list[bytes]()
    painted = paint_file(
        lambda: painter, photo, NoMask(), FileOutput(), BOX, save_mask=MaskOutput(tmp_path / "m.png")
    )
    assert painted.target.path == tmp_path / "a.painted.png"
    np.testing.assert_array_equal(read_mask(tmp_path / "m.png"), painted.hole)
    before, after = read_rgb(photo), read_rgb(painted.target.path)
    np.testing.assert_array_equal(before[~painted.hole], after[~painted.hole])
    assert (before[painted.hole] != after[painted.hole]).any()

    mask = MaskBytes((tmp_path / "m.png").read_bytes())
    output = StreamOutput(got.append)
    paint_file(lambda: painter, Path("stdin"), mask, output, PaintOptions(), data=photo.read_bytes())
    assert got == [painted.target.path.read_bytes()]


@pytest.mark.parametrize("output", ["b.gif", "b.jpg", "no/b.png", "taken.png"])
def test_an_output_that_cannot_be_is_refused_before_the_photograph_is_read(
    tmp_path: Path, output: str
) -> None:
    (tmp_path / "taken.png").touch()
    (tmp_path / "text.png").write_text("no picture", "utf-8")
    where = FileOutput(tmp_path / output, "png")
    with pytest.raises(InputError) as refused:
        paint_file(_no_painter, tmp_path / "text.png", NoMask(), where, BOX)
    assert "text.png" not in str(refused.value)


def test_a_mask_that_cannot_be_saved_is_refused_before_anything_is_painted(tmp_path: Path) -> None:
    photo = _photo(tmp_path)
    for name in ("m.jpg", "a.painted.png"):
        with pytest.raises(InputError, match="`save_mask` must be"):
            paint_file(_no_painter, photo, NoMask(), FileOutput(), BOX, save_mask=MaskOutput(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_an_empty_mask_needs_no_painter(tmp_path: Path) -> None:
    photo = _photo(tmp_path)
    Image.new("L", (40, 30)).save(tmp_path / "mask.png")
    with pytest.warns(PictureWarning, match="the picture is copied"):
        painted = paint_file(
            _no_painter,
            photo,
            MaskFile(tmp_path / "mask.png"),
            FileOutput(tmp_path / "b.png"),
            PaintOptions(),
        )
    assert not painted.hole.any()
    assert (tmp_path / "b.png").read_bytes() == photo.read_bytes()

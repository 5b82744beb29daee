"""Where painted photographs may go, and where not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images import Photo, read_photo
from splpaint.inference.outputs import FileOutput, MaskOutput, StreamOutput

pytestmark = pytest.mark.filterwarnings("ignore::splpaint.notices.PictureWarning")


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    """One that is a.png."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return read_photo(tmp_path / "a.png")


@pytest.mark.parametrize(
    "output", ["a.gif", "a.txt", "a", "a.png.part", ".png", "no/folder/a.png", "b.png/a.png"]
)
def test_outputs_that_cannot_be_are_refused_before_a_photograph_is_read(
    photo: Photo, tmp_path: Path, output: str
) -> None:
    (tmp_path / "b.png").write_bytes(b"")
    with pytest.raises(InputError):
        FileOutput(tmp_path / output, overwrite=True).check()
    with pytest.raises(InputError):
        FileOutput(tmp_path / output, overwrite=True).choose(photo)


def test_nothing_is_overwritten_unasked_and_inputs_never(photo: Photo, tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"mine")
    (tmp_path / "link.png").symlink_to("a.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match=r"exists already.*`overwrite=True`"):
        FileOutput(tmp_path / "b.png").check()
    FileOutput(tmp_path / "b.png", overwrite=True).choose(photo).write(b"new")
    assert (tmp_path / "b.png").read_bytes() == b"new"
    for same in ["a.png", "link.png", "folder.png/../a.png"]:
        with pytest.raises(InputError, match="another file than the input"):
            FileOutput(tmp_path / same, overwrite=True, inputs=(photo.path,)).check()
    assert FileOutput(tmp_path / "folder.png").choose(photo).path == tmp_path / "folder.png" / "a.png"
    with pytest.raises(InputError, match="another file than the input"):
        FileOutput(tmp_path, overwrite=True, inputs=(photo.path,)).choose(photo)
    (tmp_path / "folder.png" / "a.png").mkdir()
    with pytest.raises(InputError, match="got the folder"):
        FileOutput(tmp_path / "folder.png", overwrite=True).choose(photo)


def test_without_a_name_it_goes_beside_the_photograph(photo: Photo, tmp_path: Path) -> None:
    target = FileOutput(format="tif").choose(photo)
    assert (target.path, target.format.name) == (tmp_path / "a.painted.tif", "TIFF")
    assert FileOutput().choose(photo).path == tmp_path / "a.painted.png"


def test_a_folder_is_made_only_if_asked(photo: Photo, tmp_path: Path) -> None:
    FileOutput(tmp_path / "new" / "b.png", make_folder=True).choose(photo).write(b"new")
    assert (tmp_path / "new" / "b.png").read_bytes() == b"new"


def test_a_stream_gets_the_bytes_in_the_format_of_the_photograph_or_another(photo: Photo) -> None:
    got: list[bytes] = []
    for format, name in ((None, "PNG"), ("jpeg", "JPEG")):
        target = StreamOutput(got.append, format).choose(photo)
        assert (target.format.name, target.path) == (name, None)
        target.write(name.encode())
    assert got == [b"PNG", b"JPEG"]
    with pytest.raises(InputError, match="format must be one of"):
        StreamOutput(got.append, "gif").check()
    with pytest.raises(InputError, match=r"must hold the transparency of .*, which JPEG cannot"):
        StreamOutput(got.append, "jpeg").choose(photo._replace(image=Image.new("RGBA", (50, 40))))


def test_a_saved_mask_is_a_png_of_its_own(photo: Photo, tmp_path: Path) -> None:
    hole = np.random.default_rng(0).integers(0, 2, (40, 50)) > 0
    MaskOutput(tmp_path / "m.png").write(hole)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "m.png")), np.where(hole, 255, 0))
    for output, message in (
        (MaskOutput(tmp_path / "m.jpg"), r"`save_mask` must be a \.png"),
        (MaskOutput(tmp_path / "m.png"), "exists already"),
        (MaskOutput(tmp_path / "no" / "m.png"), "does not exist"),
        (MaskOutput(photo.path, overwrite=True, inputs=(photo.path,)), "another file than the input"),
    ):
        with pytest.raises(InputError, match=message):
            output.check()
    target = FileOutput().choose(photo)
    assert target.path
    with pytest.raises(InputError, match="`save_mask` must be another file than the output"):
        MaskOutput(target.path).check(target)

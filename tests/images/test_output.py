from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.formats import format_of
from splpaint.images.output import choose_output, encode_photo
from splpaint.images.photo import read_photo
from splpaint.notices import PictureWarning
from tests.photo_writing import PROFILE, copy_photo, noise, some_exif, write_photo

# What is said of a photo is proved where a test asks for it; the others look at what is written.
pytestmark = pytest.mark.filterwarnings("ignore::splpaint.notices.PictureWarning")


def test_the_output_may_have_another_format(tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png", icc_profile=PROFILE, exif=some_exif())
    photo = read_photo(tmp_path / "a.png")
    for suffix in ["jpg", "jpeg", "JPG", "tif", "bmp", "webp"]:
        output = choose_output(photo, tmp_path / f"out.{suffix}")
        write_photo(photo, photo.image, output)
        with Image.open(output) as written:
            assert written.size == photo.image.size


@pytest.mark.parametrize("suffix", [".jpg", ".bmp"])
def test_transparency_is_not_thrown_away(tmp_path: Path, suffix: str) -> None:
    noise("RGBA").save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"transparency.*write a \.png"):
        choose_output(read_photo(tmp_path / "a.png"), tmp_path / f"a{suffix}")
    noise("RGB").convert("RGBA").save(tmp_path / "opaque.png")
    photo = read_photo(tmp_path / "opaque.png")
    write_photo(photo, photo.image, choose_output(photo, tmp_path / f"a{suffix}"))


def test_a_copy_is_the_same_bytes_or_the_same_pixels(tmp_path: Path) -> None:
    noise().save(tmp_path / "a.jpg")
    photo = read_photo(tmp_path / "a.jpg")
    copy_photo(photo, tmp_path / "b.jpg")
    assert (tmp_path / "b.jpg").read_bytes() == (tmp_path / "a.jpg").read_bytes()
    copy_photo(photo, tmp_path / "b.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "b.png")), np.asarray(photo.image))


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.png"])
def test_a_quality_replaces_the_settings_where_there_is_any(tmp_path: Path, name: str) -> None:
    noise().save(tmp_path / name, quality=95)
    photo = read_photo(tmp_path / name)
    if name == "a.png":
        with pytest.warns(PictureWarning, match="PNG loses nothing"):
            encode_photo(photo, photo.image, format_of(tmp_path / name), quality=10)
        return
    low, high = (
        len(encode_photo(photo, photo.image, format_of(tmp_path / name), quality=value)) for value in (10, 95)
    )
    assert low < high / 2


@pytest.mark.parametrize(("format", "suffix"), [("png", ".png"), ("JPEG", ".jpeg"), (".tif", ".tif")])
def test_a_format_chooses_the_suffix(tmp_path: Path, format: str, suffix: str) -> None:
    noise().save(tmp_path / "a.webp")
    photo = read_photo(tmp_path / "a.webp")
    assert choose_output(photo, None, format=format) == tmp_path / f"a.painted{suffix}"
    with pytest.raises(InputError, match="must agree"):
        choose_output(photo, tmp_path / "b.bmp", format=format)
    with pytest.raises(InputError, match="format must be one of png, jpg"):
        choose_output(photo, None, format="gif")

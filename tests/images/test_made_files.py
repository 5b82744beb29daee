"""Files as people have them, by the hundred: what is kept is as it was, what is not is told of, and nothing else is."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import tifffile
from hypothesis import given, settings
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from splpaint.images import Photo, encode_photo, read_photo
from splpaint.images.formats import FORMATS
from splpaint.notices import collected
from tests.images.containers.exif_writing import exif_values
from tests.images.made_files import MadeFile, jpegs, pngs, tiffs

HOLE = (slice(2, 9), slice(3, 12))


def _painted(made: MadeFile) -> tuple[NDArray[Any], NDArray[Any], bytes]:
    """As it was read, as it was painted, and the file; all that is told is what must be."""
    with collected() as notes:
        photo = read_photo(f"made{made.suffix}", made.data)
        before = np.asarray(photo.image)
        painted = before.copy()
        painted[HOLE] = 0
        data = encode_photo(photo, _as_read(photo, painted), FORMATS[photo.format])
    for words in made.told:
        assert any(words in note for note in notes), (words, notes)
    if not made.told:
        assert notes == []
    return before, painted, data


def _as_read(photo: Photo, painted: NDArray[Any]) -> Any:
    return Image.fromarray(painted) if isinstance(photo.image, Image.Image) else painted


def _same_exif(kept: dict[int, bytes], written: bytes) -> None:
    found = exif_values(written)
    assert found.pop(0x0112, b"\0\1").strip(b"\0") == b"\1"
    assert found == kept


@settings(deadline=None, max_examples=150)
@given(made=pngs())
def test_pngs(made: MadeFile) -> None:
    before, painted, data = _painted(made)
    np.testing.assert_array_equal(before, made.pixels)
    np.testing.assert_array_equal(np.asarray(read_photo("again", data).image), painted)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert isinstance(image, PngImagePlugin.PngImageFile)
        assert image.size == made.pixels.shape[1::-1]
        assert sorted((key, str(text)) for key, text in image.text.items()) == made.kept["texts"]
        assert image.info.get("icc_profile") == made.kept.get("icc_profile")
        assert image.info.get("gamma") == made.kept.get("gamma")
        if "exif" in made.kept:
            _same_exif(made.kept["exif"], image.info["exif"])


@settings(deadline=None, max_examples=150)
@given(made=tiffs())
def test_tiffs(made: MadeFile) -> None:
    before, painted, data = _painted(made)
    np.testing.assert_array_equal(before, made.pixels)
    with tifffile.TiffFile(io.BytesIO(data)) as file, tifffile.TiffFile(io.BytesIO(made.data)) as original:
        np.testing.assert_array_equal(file.asarray(), painted)
        tags, were = file.pages[0].tags, original.pages[0].tags  # type: ignore[union-attr]
        assert 274 not in tags or tags[274].value == 1
        for tag in made.kept["tags"]:
            assert (tags[tag].dtype, tags[tag].count, tags[tag].value) == (
                were[tag].dtype,
                were[tag].count,
                were[tag].value,
            )


@settings(deadline=None, max_examples=150)
@given(made=jpegs())
def test_jpegs(made: MadeFile) -> None:
    before, painted, data = _painted(made)
    np.testing.assert_array_equal(before, made.pixels)
    with Image.open(io.BytesIO(data)) as image, Image.open(io.BytesIO(made.data)) as original:
        assert image.size == made.pixels.shape[1::-1]
        assert image.mode == original.mode
        assert image.quantization == original.quantization  # type: ignore[attr-defined]
        far = np.abs(np.asarray(image).astype(int) - painted)
        assert far.mean() < 40  # noise is hard to code: at the coarsest quality about half of that
        assert image.info.get("comment", b"") == made.kept["comment"]
        assert image.info.get("icc_profile") == made.kept.get("icc_profile")
        assert image.info.get("xmp", b"").decode() == made.kept.get("xmp", "")
        if "exif" in made.kept:
            _same_exif(made.kept["exif"], image.info["exif"])

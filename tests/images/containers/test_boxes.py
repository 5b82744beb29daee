from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, features

from splpaint.errors import InputError
from splpaint.images.containers import boxes, find_boxes
from splpaint.images.decoding import open_picture
from splpaint.images.formats import JXL
from splpaint.images.output import encode_photo
from splpaint.images.photo import read_photo
from splpaint.notices import PictureWarning

kinds = st.sampled_from([b"abcd", b"meta", b"iinf", b"leaf"])


def box(kind: bytes, data: bytes, *, wide: bool = False) -> bytes:
    if wide:
        return (1).to_bytes(4) + kind + (16 + len(data)).to_bytes(8) + data
    return (8 + len(data)).to_bytes(4) + kind + data


@given(
    parts=st.lists(st.tuples(kinds, st.binary(max_size=20), st.booleans()), max_size=5),
    open_end=st.booleans(),
)
def test_boxes_beside_each_other_are_found(parts: list[tuple[bytes, bytes, bool]], open_end: bool) -> None:
    data = b"".join(box(kind, body, wide=wide) for kind, body, wide in parts)
    if open_end:  # the last one may leave its size open
        data += bytes(4) + b"last" + b"rest"
        parts = [*parts, (b"last", b"rest", False)]
    found = [(each.kind, data[each.start : each.end]) for each in boxes(io.BytesIO(data))]
    assert found == [(kind, body) for kind, body, _ in parts]


def test_boxes_within_boxes_are_found_wherever_they_lie() -> None:
    leaf = box(b"leaf", b"data")
    data = box(b"mdat", bytes(100_000)) + box(
        b"meta", bytes(4) + box(b"iprp", leaf) + leaf + box(b"iprp", leaf)
    )
    found = list(find_boxes(io.BytesIO(data), b"meta", b"iprp", b"leaf"))
    assert [data[each.start : each.end] for each in found] == [b"data", b"data"]


@given(data=st.binary(max_size=80))
def test_nonsense_has_boxes_inside_it_or_none(data: bytes) -> None:
    for found in (boxes(io.BytesIO(data)), find_boxes(io.BytesIO(data), b"meta", b"iinf")):
        for each in found:
            assert 8 <= each.start <= each.end <= len(data)


def test_a_size_of_none_ends_the_walk() -> None:
    assert list(boxes(io.BytesIO((7).to_bytes(4) + b"abcd" + bytes(1000)))) == []


@pytest.mark.skipif(not features.check("jpg_2000"), reason="this Pillow knows no JPEG 2000")
def test_the_depth_of_a_jpeg_2000_is_found_behind_other_boxes() -> None:
    file = io.BytesIO()
    Image.fromarray(np.zeros((8, 9), np.uint16)).save(file, "JPEG2000")
    data = file.getvalue()
    place = data.index(b"jp2c") - 4
    with pytest.raises(InputError, match="16 bits per channel; expected 8"):
        open_picture("a.jp2", data[:place] + box(b"uuid", bytes(100_000)) + data[place:])


def test_the_depth_of_an_avif_is_found_behind_other_boxes() -> None:
    deep = np.random.default_rng(0).integers(0, 1024, (64, 64, 3), np.uint16)
    done, encoded = cv2.imencode(".avif", deep, [cv2.IMWRITE_AVIF_DEPTH, 10])
    if not done or not features.check("avif"):
        pytest.skip("OpenCV or Pillow knows no AVIF")
    data = encoded.tobytes()
    start = next(boxes(io.BytesIO(data))).end
    with pytest.raises(InputError, match="10 bits per channel"):
        open_picture("a.avif", data)
    with pytest.raises(InputError, match="10 bits per channel"):
        open_picture("a.avif", data[:start] + box(b"free", bytes(100_000)) + data[start:])


def test_the_xmp_of_a_jpeg_xl_stays_and_what_cannot_be_kept_is_said() -> None:
    pytest.importorskip("pillow_jxl")
    file = io.BytesIO()
    Image.new("RGB", (9, 8)).save(file, "JXL", lossless=True, xmp=b"<x>XMP</x>", use_container=True)
    photo = read_photo("a.jxl", file.getvalue())
    assert photo.metadata["xmp"] == b"<x>XMP</x>"
    written = encode_photo(photo, photo.image, JXL)
    assert read_photo("b.jxl", written).metadata["xmp"] == b"<x>XMP</x>"
    with pytest.warns(PictureWarning, match="left out of the JXL: content credentials$"):
        read_photo("a.jxl", file.getvalue() + box(b"jumb", b"c2pa"))


def test_a_jpeg_xl_that_claims_gigapixels_is_refused_before_it_is_decoded() -> None:
    pytest.importorskip("pillow_jxl")
    fields = [(1, 0), (2, 3), (30, 99_999), (3, 0), (2, 3), (30, 99_999), (1, 1)]
    value = place = 0
    for width, field in fields:
        value |= field << place
        place += width
    with pytest.raises(InputError, match="100000x100000 = 10000 megapixels"):
        open_picture("a.jxl", b"\xff\x0a" + value.to_bytes(64, "little"))

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from splpaint.images.containers import parts_beside_picture
from splpaint.images.containers.jpeg import embedded_jpegs
from splpaint.images.formats import format_of
from splpaint.images.output import encode_photo
from splpaint.images.photo import read_photo
from splpaint.notices import PictureWarning

CASES = Path(__file__).parents[2] / "cases" / "jpeg"


def _jpeg(*, seed: int = 0, progressive: bool = False) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 50, 3), np.uint8)
    Image.fromarray(pixels).save(buffer, "JPEG", progressive=progressive, optimize=bool(seed % 2))
    return buffer.getvalue()


def _with_segment(jpeg: bytes, number: int, data: bytes) -> bytes:
    return jpeg[:2] + bytes([0xFF, 0xE0 + number]) + (2 + len(data)).to_bytes(2) + data + jpeg[2:]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("uhdr.jpg", "an HDR gain map"),
        ("uhdr_nompf.jpg", "an HDR gain map"),
        ("motion.jpg", "a motion photo's video"),
        ("extxmp.jpg", "extended XMP"),
    ],
)
def test_what_shows_the_picture_before_goes_with_its_claims_and_is_said(
    tmp_path: Path, name: str, part: str
) -> None:
    with pytest.warns(PictureWarning) as told:
        photo = read_photo(CASES / name)
    assert any("left out of the" in str(each.message) and part in str(each.message) for each in told)
    written = encode_photo(photo, photo.image, format_of(tmp_path / "a.jpg"))
    assert parts_beside_picture(written) == []
    assert list(embedded_jpegs(written)) == [(0, len(written))]
    for claim in [b"hdrgm", b"GainMap", b"MicroVideo", b"MotionPhoto", b"GDepth", b"HasExtendedXMP", b"ftyp"]:
        assert claim not in written
    assert b"rdf:Description" in written


@given(
    beside=st.lists(
        st.sampled_from([(1, b"somebody's\0data"), (5, b"\1\2\3"), (11, b"JP\0\1jumb"), (15, b"xx")]),
        max_size=4,
    ),
    behind=st.sampled_from(
        [b"", b"\0\0\0", b"SEFHxyz", b"\0\0\0\x18ftypmp42video", b"heading\0\0\0\x18ftypmp42"]
    ),
    progressive=st.booleans(),
    pictures=st.integers(0, 2),
)
def test_every_part_is_named_and_nothing_else(
    beside: list[tuple[int, bytes]], behind: bytes, progressive: bool, pictures: int
) -> None:
    names = {1: "APP1 (somebody's)", 5: "APP5", 11: "content credentials", 15: "APP15 (xx)"}
    data = _jpeg(progressive=progressive)
    for number, segment in beside:
        data = _with_segment(data, number, segment)
    found = parts_beside_picture(data + pictures * _jpeg(seed=1) + behind)
    expected = {names[number] for number, _ in beside}
    if pictures:
        expected.add("another picture")
    if behind.strip(b"\0"):
        expected.add("a motion photo's video" if b"ftyp" in behind else "7 bytes behind its end")
    assert set(found) == expected
    assert len(found) == len(expected)


@given(before=st.binary(max_size=40), between=st.binary(max_size=40), progressive=st.booleans())
def test_jpegs_within_other_data_are_found_whole(before: bytes, between: bytes, progressive: bool) -> None:
    one, other = _jpeg(progressive=progressive), _jpeg(seed=1)
    data = before + one + between + other
    places = [(len(before), len(before + one)), (len(data) - len(other), len(data))]
    assert [*embedded_jpegs(data)] == places
    assert [*embedded_jpegs(data[:-3])] == places[:1]


@given(data=st.binary(max_size=60))
def test_nonsense_has_no_parts(data: bytes) -> None:
    assert parts_beside_picture(data) == []
    assert [*embedded_jpegs(b"\xff\xd8\xff" + data)] == []


def test_beginnings_by_the_thousand_take_no_time() -> None:
    assert [*embedded_jpegs(b"\xff\xd8\xff\xda\0\x02" * 100_000)] == []

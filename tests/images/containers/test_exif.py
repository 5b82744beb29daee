from __future__ import annotations

import contextlib
import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from splpaint.images.containers import fitted_exif, has_maker_note, without_tag
from splpaint.images.decoding import upright
from tests.images.containers.exif_writing import Entry, exif_data

MAKER: Entry = (0x927C, 7, 40, b"MAKER" + bytes(range(35)))
THUMBNAIL = b"\xff\xd8THE PICTURE BEFORE\xff\xd9"
ORDERS = pytest.mark.parametrize("order", ["<", ">"])


def _short(tag: int, *values: int, order: str = "<") -> Entry:
    return tag, 3, len(values), struct.pack(f"{order}{len(values)}H", *values)


def _read(data: bytes) -> dict[int, object]:
    exif = Image.Exif()
    exif.load(data)
    return dict(exif) | dict(exif.get_ifd(0x8769))


entries = st.lists(
    st.tuples(
        st.integers(0x9000, 0x91FF), st.sampled_from([1, 2, 7, 129]), st.binary(min_size=1, max_size=40)
    ).map(lambda each: (each[0], each[1], len(each[2]), each[2])),
    max_size=6,
    unique_by=lambda entry: entry[0],
)


@given(first=entries, below=entries, order=st.sampled_from("<>"), gap=st.binary(max_size=9))
def test_nothing_changes_where_nothing_is_wrong(
    first: list[Entry], below: list[Entry], order: str, gap: bytes
) -> None:
    data = exif_data(first, below, order=order, gap=gap)
    fitted = fitted_exif(b"Exif\0\0" + data, (50, 40), 1)
    assert fitted.data == data
    assert not fitted.had_thumbnail


@given(
    first=entries, below=entries, order=st.sampled_from("<>"), thumbnail=st.binary(min_size=8, max_size=99)
)
def test_a_thumbnail_goes_and_all_else_stays_in_its_place(
    first: list[Entry], below: list[Entry], order: str, thumbnail: bytes
) -> None:
    plain = exif_data(first, below, order=order)
    fitted = fitted_exif(exif_data(first, below, order=order, thumbnail=thumbnail), (50, 40), 1)
    assert fitted.had_thumbnail
    assert fitted.data == plain


def test_the_notes_of_a_maker_stay_where_they_are_even_behind_the_thumbnail() -> None:
    data = exif_data([], [MAKER], thumbnail=THUMBNAIL) + b"what the notes point at"
    fitted = fitted_exif(data, (50, 40), 1).data
    assert len(fitted) == len(data)
    assert b"BEFORE" not in fitted
    assert fitted.index(MAKER[3]) == data.index(MAKER[3])
    assert fitted.endswith(b"what the notes point at")
    assert has_maker_note(fitted)
    assert not has_maker_note(exif_data([], []))


def test_a_preview_among_the_notes_goes_and_the_rest_stays_in_its_place() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(buffer, "JPEG")
    preview = buffer.getvalue()
    notes = b"MAKER" + preview + b"rest"
    data = exif_data([], [(0x927C, 7, len(notes), notes)])
    fitted = fitted_exif(data, (50, 40), 1)
    assert fitted.had_thumbnail
    assert fitted.data == data.replace(preview, bytes(len(preview)))


@ORDERS
@pytest.mark.parametrize("orientation", range(2, 9))
def test_what_is_told_in_pixels_is_turned_with_the_picture(order: str, orientation: int) -> None:
    stored = np.zeros((40, 50), np.uint8)
    stored[7, 11] = 1
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(stored)
    image.info["exif"] = exif.tobytes()
    turned = np.asarray(upright(image))
    height, width = turned.shape
    ((y, x),) = np.argwhere(turned)
    below = [
        _short(0xA002, 50, order=order),
        _short(0xA003, 40, order=order),
        _short(0x9214, 11, 7, 5, 3, order=order),
        (0xA20E, 5, 1, struct.pack(order + "2I", 300, 1)),
        (0xA20F, 5, 1, struct.pack(order + "2I", 200, 1)),
    ]
    data = exif_data([_short(0x0112, orientation, order=order), (0x010F, 2, 2, b"M\0")], below, order=order)
    read = _read(fitted_exif(data, (width, height), orientation).data)
    assert 0x0112 not in read
    assert read[0x010F] == "M"
    assert (read[0xA002], read[0xA003]) == (width, height)
    extent = (3, 5) if orientation > 4 else (5, 3)
    assert read[0x9214] == (x, y, *extent)
    assert (read[0xA20E], read[0xA20F]) == ((200, 300) if orientation > 4 else (300, 200))


def test_a_picture_that_is_wider_than_a_short_gets_a_long() -> None:
    data = exif_data([], [_short(0xA002, 10), _short(0xA003, 20)])
    assert _read(fitted_exif(data, (90_000, 10), 6).data)[0xA002] == 90_000


def test_pictures_told_of_in_the_first_directory_go_too() -> None:
    place = 8 + 2 + 12 * 3 + 4
    pictures: list[Entry] = [(0x0201, 4, 1, struct.pack("<I", 99)), (0x0202, 4, 1, struct.pack("<I", 5))]
    data = exif_data(pictures, []).ljust(99, b".") + b"IMAGE"
    assert place < 99
    fitted = fitted_exif(data, (50, 40), 1)
    assert b"IMAGE" not in fitted.data
    assert fitted.had_thumbnail
    assert not {0x0201, 0x0202} & _read(fitted.data).keys()


def test_a_second_directory_that_is_the_first_takes_nothing_away() -> None:
    data = bytearray(exif_data([(0x010F, 2, 9, b"somebody\0")], [MAKER]))
    link = 8 + 2 + 12 * 2
    for following in (8, data.index(b"MAKER"), 0xFFFFFFFF):
        struct.pack_into("<I", data, link, following)
        fitted = fitted_exif(bytes(data), (50, 40), 1).data
        assert fitted[:link] + fitted[link + 4 :] == data[:link] + data[link + 4 :]
        assert fitted[link : link + 4] == bytes(4)


def test_a_tag_is_left_out_without_moving_anything_else() -> None:
    data = exif_data([(0x010F, 2, 9, b"somebody\0"), _short(0x0112, 1)], [MAKER])
    without = without_tag(data, 0x0112)
    assert _read(without).keys() == _read(data).keys() - {0x0112}
    assert without.index(b"MAKER") == data.index(b"MAKER")


@given(
    data=st.binary(max_size=60),
    start=st.sampled_from([b"", b"II*\0", b"MM\0*", b"II+\0", b"II*\0\x08\0\0\0"]),
)
def test_nonsense_is_refused_or_stays(data: bytes, start: bytes) -> None:
    _fit_or_refuse(start + data)


@given(
    changes=st.lists(st.tuples(st.integers(0, 150), st.integers(0, 255)), min_size=1, max_size=5),
    cut=st.integers(0, 150),
    orientation=st.integers(1, 8),
)
def test_changed_bytes_end_in_no_other_error(
    changes: list[tuple[int, int]], cut: int, orientation: int
) -> None:
    below = [_short(0xA002, 50), _short(0x9214, 1, 2, 3), MAKER]
    data = bytearray(exif_data([_short(0x0112, orientation)], below, thumbnail=THUMBNAIL))
    for place, value in changes:
        data[place] = value
    _fit_or_refuse(bytes(data[: len(data) - cut]), orientation)


def _fit_or_refuse(data: bytes, orientation: int = 6) -> None:
    with contextlib.suppress(ValueError):
        assert len(fitted_exif(data, (50, 40), orientation).data) <= len(data)

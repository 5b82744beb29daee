"""Texts and profiles of PNGs, with Pillow as an independent reader and writer."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from splpaint.errors import InputError
from splpaint.images.containers import PngText, PngTexts, png_chunks, read_texts, text_chunk
from splpaint.images.formats import format_of
from splpaint.images.output import choose_output, encode_photo
from splpaint.images.photo import read_photo
from splpaint.notices import PictureWarning, collected
from tests.images.containers.test_png import SIGNATURE, chunk

CASES = Path(__file__).parents[2] / "cases" / "png"
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
MIB = 1 << 20

plain = st.builds(
    PngText,
    st.from_regex(rb"[A-Za-z]{1,20}", fullmatch=True),
    st.binary(max_size=3000).map(lambda data: data.replace(b"\0", b"")),
    st.just(False),
    st.just(b""),
    st.just(b""),
)
international = st.builds(
    PngText,
    st.from_regex(rb"[A-Za-z]{1,20}", fullmatch=True),
    st.text(max_size=3000).map(lambda text: text.encode("utf-8", "ignore")),
    st.just(True),
    st.sampled_from([b"", b"de", b"x-klingon"]),
    st.text("äß日", max_size=5).map(str.encode),
)


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "PNG")
    header = len(SIGNATURE) + 12 + 13
    return file.getvalue()[:header] + b"".join(chunk(*each) for each in chunks) + file.getvalue()[header:]


def _texts(data: bytes) -> PngTexts:
    file = io.BytesIO(data)
    return read_texts(file, png_chunks(file, "a.png"))


def _read_by_pillow(data: bytes) -> dict[str, str]:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert isinstance(image, PngImagePlugin.PngImageFile)
        np.testing.assert_array_equal(np.asarray(image), PIXELS)
        return dict(image.text)


@settings(deadline=None)
@given(texts=st.lists(st.one_of(plain, international), max_size=4))
def test_texts_come_back_as_they_were_even_of_one_keyword(texts: list[PngText]) -> None:
    data = _png(*map(text_chunk, texts))
    with collected() as notes:
        assert _texts(data) == (texts, b"")
    assert notes == []
    shown = {text.name: text.data.decode("utf-8" if text.international else "latin-1") for text in texts}
    assert _read_by_pillow(data) == shown


@pytest.mark.parametrize("name", ["just_1MiB_text_ok.png.gz", "over_1MiB_text.png.gz", "ztxt_1p5MB.png"])
@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_long_texts_are_read_and_written_so_that_others_can_read_them(name: str, suffix: str) -> None:
    data = (CASES / name).read_bytes()
    photo = read_photo("a.png", gzip.decompress(data) if name.endswith("gz") else data)
    (text,) = photo.metadata["text"]
    assert len(text.data) >= MIB
    with collected() as notes:
        written = encode_photo(photo, photo.image, format_of(Path("a" + suffix)))
    if suffix == ".png":
        assert notes == []
        with Image.open(io.BytesIO(written)) as image:
            assert image.info["workflow"] == text.data.decode()
        assert read_photo("b.png", written).metadata["text"] == (text,)
    else:
        assert notes == ["WEBP has no place for the texts that the picture has: left out"]


@pytest.mark.parametrize("size", [MIB, MIB + 1, 2 * MIB])
def test_texts_around_the_limit_of_readers_are_readable(size: int) -> None:
    for text in (PngText(b"a", b"x" * size), PngText(b"a", b"x" * size, international=True)):
        data = _png(text_chunk(text))
        assert _read_by_pillow(data)["a"] == "x" * size
        assert read_photo("a.png", data).metadata["text"] == (text,)


def test_a_long_profile_is_read_and_refused_where_others_could_not_read_it(tmp_path: Path) -> None:
    photo = read_photo("a.jpg", gzip.decompress((CASES / "over_1MiB_icc.jpg.gz").read_bytes()))
    with pytest.raises(InputError, match=r"colour profile .* 1300588 bytes.* write a \.tif or \.webp"):
        choose_output(photo, tmp_path / "a.png")
    profile = photo.metadata["icc_profile"]
    data = _png((b"iCCP", b"a\0\0" + zlib.compress(profile)))
    again = read_photo("a.png", data)
    assert again.metadata["icc_profile"] == profile
    np.testing.assert_array_equal(np.asarray(again.image), PIXELS)
    written = encode_photo(again, again.image, format_of(tmp_path / "a.tif"))
    with Image.open(io.BytesIO(written)) as image:
        assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_what_swells_without_bound_is_left_out_and_said(kind: bytes) -> None:
    bomb = zlib.compress(bytes(100 * MIB))
    data = _png((kind, b"a\0" + (b"\1\0\0\0" if kind == b"iTXt" else b"\0") + bomb))
    tracemalloc.start()
    with pytest.warns(PictureWarning, match=f"damaged or too long: {kind.decode()}"):
        photo = read_photo("a.png", data)
    assert tracemalloc.get_traced_memory()[1] < 80 * MIB
    tracemalloc.stop()
    np.testing.assert_array_equal(np.asarray(photo.image), PIXELS)


def test_many_long_texts_stay_as_far_as_others_read_them() -> None:
    texts = [PngText(b"a%d" % number, b"x" * (10 * MIB)) for number in range(7)]
    with pytest.warns(PictureWarning, match="too long: tEXt, tEXt, tEXt"):
        photo = read_photo("a.png", _png(*map(text_chunk, texts)))
    assert photo.metadata["text"] == tuple(texts[:4])
    assert len(_read_by_pillow(encode_photo(photo, photo.image, format_of(Path("a.png"))))) == 4


@given(kind=st.sampled_from([b"tEXt", b"zTXt", b"iTXt", b"iCCP"]), body=st.binary(max_size=30))
def test_nonsense_is_left_out_or_stays(kind: bytes, body: bytes) -> None:
    with collected():
        texts, profile = _texts(_png((kind, body)))
    assert len(texts) + bool(profile) <= 1


def test_chunks_that_are_left_out_are_named() -> None:
    with pytest.warns(PictureWarning, match="left out of the PNG: Thumb::URI, caBX, tIME$"):
        read_photo(
            "a.png",
            _png((b"tEXt", b"Thumb::URI\0x"), (b"caBX", b"credentials"), (b"tIME", bytes(7)), (b"iDOT", b"")),
        )

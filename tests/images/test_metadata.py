from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin, features

from splpaint.images.output import choose_output
from splpaint.images.photo import read_photo
from splpaint.notices import PictureWarning
from tests.images.containers.exif_writing import exif_data
from tests.photo_writing import write_photo

# What is said of a photo is proved where a test asks for it; the others look at what is written.
pytestmark = pytest.mark.filterwarnings("ignore::splpaint.notices.PictureWarning")

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="6" dc:title="T\xc3\xa4">'
    b"<xmp:Thumbnails><rdf:Alt>BEFORE</rdf:Alt></xmp:Thumbnails></rdf:Description></rdf:RDF></x:xmpmeta>"
)
CASES = Path(__file__).parents[1] / "cases"
NAMES = ["a.jpg", "a.png", "a.webp", "a.tif"]


def _noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8))


def _save_with_xmp(path: Path) -> None:
    options: dict[str, Any] = {"xmp": XMP}
    if path.suffix == ".png":
        options = {"pnginfo": PngImagePlugin.PngInfo()}
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP.decode())
    if path.suffix == ".tif":
        options = {"tiffinfo": {700: XMP}}
    _noise().save(path, **options)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_xmp_stays_upright_and_without_the_thumbnail(tmp_path: Path, name: str, suffix: str) -> None:
    _save_with_xmp(tmp_path / name)
    photo = read_photo(tmp_path / name)
    output = choose_output(photo, tmp_path / f"out{suffix}")
    write_photo(photo, photo.image, output)
    with Image.open(output) as written:
        xmp = written.info["xmp"]
    assert b'dc:title="T\xc3\xa4"' in xmp
    assert b'tiff:Orientation="6"' not in xmp
    assert b"BEFORE" not in output.read_bytes()
    assert read_photo(output).metadata["xmp"] == photo.metadata["xmp"]


@pytest.mark.parametrize("name", ["utf8.jpg", "ifd0.jpg", "turned.jpg"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif", ".heic", ".jxl", ".tif"])
def test_exif_data_stay_in_every_format(tmp_path: Path, name: str, suffix: str) -> None:
    if suffix in {".heic", ".jxl"}:
        pytest.importorskip("pillow_heif").register_heif_opener()
        pytest.importorskip("pillow_jxl")
    photo = read_photo(CASES / "exif" / name)
    write_photo(photo, photo.image, tmp_path / f"a{suffix}")
    with Image.open(CASES / "exif" / name) as original, Image.open(tmp_path / f"a{suffix}") as written:
        before, after = original.info["exif"].removeprefix(b"Exif\0\0"), written.info.get("exif", b"")
        if name != "turned.jpg" and suffix != ".tif":
            assert after.removeprefix(b"Exif\0\0") == before
        tags = dict(original.getexif()) | dict(original.getexif().get_ifd(0x8769))
        read = dict(written.getexif()) | dict(written.getexif().get_ifd(0x8769))
    if name == "turned.jpg":
        tags |= {0xA002: 32, 0xA003: 48, 0x0112: 1}
        read.setdefault(0x0112, 1)
    places = {0x8769, *((0x0213,) if suffix == ".tif" else ())}  # the latter of a JPEG's chroma
    for tag in tags.keys() - places:
        assert read[tag] == tags[tag], hex(tag)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow knows no AVIF")
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_exif_data_of_an_avif_that_is_turned_apart_stay_as_they_are(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 200
    written_by_pillow = exif.tobytes().removeprefix(b"Exif\0\0")
    exif[0x0112] = orientation
    file = io.BytesIO()
    _noise().save(file, "AVIF", exif=exif)  # which writes the orientation apart
    ours = exif_data([(0x010E, 2, 5, b"Caf\xe9\0")], [(0x927C, 7, 9, b"MAKER1234")])
    ours = ours.ljust(len(written_by_pillow), b"\0")
    assert file.getvalue().count(written_by_pillow) == 1
    photo = read_photo("a.avif", file.getvalue().replace(written_by_pillow, ours))
    assert photo.metadata["exif"] == b"Exif\0\0" + ours
    assert photo.size == ((40, 50) if orientation > 4 else (50, 40))


def test_exif_data_in_a_text_as_pngs_had_them_become_a_chunk(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    digits = exif.tobytes().hex()
    texts = PngImagePlugin.PngInfo()
    texts.add_text(
        "Raw profile type exif", f"\nexif\n{len(digits) // 2:8}\n{digits[:72]}\n{digits[72:]}\n", zip=True
    )
    _noise().save(tmp_path / "a.png", pnginfo=texts)
    photo = read_photo(tmp_path / "a.png")
    assert photo.metadata["exif"] == exif.tobytes()


def test_texts_of_a_png_stay(tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "somebody")
    texts.add_text("Comment", "long " * 999, zip=True)
    texts.add_itxt("Title", "Zürich", "de", "Titel")
    texts.add_text("Thumb::URI", "file:///secret")
    _noise().save(tmp_path / "a.png", pnginfo=texts)
    photo = read_photo(tmp_path / "a.png")
    write_photo(photo, photo.image, choose_output(photo, tmp_path / "b.png"))
    with Image.open(tmp_path / "b.png") as written:
        assert isinstance(written, PngImagePlugin.PngImageFile)
        assert written.text == {"Author": "somebody", "Comment": "long " * 999, "Title": "Zürich"}
        title = written.text["Title"]
    assert isinstance(title, PngImagePlugin.iTXt)
    assert (title.lang, title.tkey) == ("de", "Titel")


def test_xmp_that_is_too_long_for_a_jpeg_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", "x" * 70_000)
    _noise().save(tmp_path / "a.png", pnginfo=texts)
    photo = read_photo(tmp_path / "a.png")
    with pytest.warns(PictureWarning, match="XMP data are too long for a JPEG"):
        write_photo(photo, photo.image, choose_output(photo, tmp_path / "a.jpg"))
    with Image.open(tmp_path / "a.jpg") as written:
        assert "xmp" not in written.info


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_the_resolution_stays_alone(tmp_path: Path, name: str) -> None:
    _noise().save(tmp_path / name, dpi=(240, 240))
    photo = read_photo(tmp_path / name)
    for suffix in [".jpg", ".png", ".tif", ".bmp"]:
        write_photo(photo, photo.image, choose_output(photo, tmp_path / f"b{suffix}"))
        with Image.open(tmp_path / f"b{suffix}") as written:
            assert [round(value) for value in written.info["dpi"]] == [240, 240]


def test_heif_and_jpeg_xl_are_read_and_written_by_their_plugins(tmp_path: Path) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    pytest.importorskip("pillow_jxl")
    for name in ["a.heic", "a.jxl"]:
        _noise().save(tmp_path / name, lossless=name == "a.jxl")
        photo = read_photo(tmp_path / name)
        output = choose_output(photo, None)
        assert output.name == f"a.painted{Path(name).suffix}"
        write_photo(photo, photo.image, output)
        assert read_photo(output).size == (50, 40)
    np.testing.assert_array_equal(
        np.asarray(read_photo(tmp_path / "a.painted.jxl").image), np.asarray(_noise())
    )


@pytest.mark.parametrize(
    ("head", "module"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "pillow_heif"),
        (b"\xff\x0a\0\0", "pillow_jxl"),
        (b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a", "pillow_jxl"),
    ],
)
def test_a_missing_plugin_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes, module: str
) -> None:
    import sys

    from splpaint.errors import InputError

    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    (tmp_path / "a.heic").write_bytes(head + bytes(100))
    with pytest.raises(
        InputError, match=rf"reading .*a.heic needs the module {module}.* pip install '\.\[formats\]'"
    ):
        read_photo(tmp_path / "a.heic")


def test_what_a_png_says_of_its_colours_stays(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    chunks = {
        b"cICP": b"\x09\x10\x00\x01",
        b"gAMA": (45_455).to_bytes(4),
        b"cHRM": b"".join((1000 * n).to_bytes(4) for n in range(1, 9)),
    }
    for name, body in chunks.items():
        info.add(name, body)
    _noise().save(tmp_path / "a.png", pnginfo=info)
    photo = read_photo(tmp_path / "a.png")
    assert photo.metadata["colour_space"] == chunks
    write_photo(photo, photo.image, choose_output(photo, tmp_path / "b.png"))
    assert read_photo(tmp_path / "b.png").metadata["colour_space"] == chunks
    write_photo(photo, photo.image, choose_output(photo, tmp_path / "b.webp"))  # which has none


def _jpeg_with_caption(path: Path, caption: bytes, *resources: bytes) -> None:
    padded = caption + b"\0" * (len(caption) % 2)
    block = b"8BIM\x04\x04\0\0" + len(caption).to_bytes(4) + padded
    body = b"Photoshop 3.0\0" + b"".join(resources) + block
    _noise().save(path, extra=b"\xff\xed" + (2 + len(body)).to_bytes(2) + body)


def test_iptc_captions_of_a_jpeg_stay_without_photoshop_s_thumbnail(tmp_path: Path) -> None:
    thumbnail = b"8BIM\x04\x0c\0\0" + (6).to_bytes(4) + b"BEFORE"
    _jpeg_with_caption(tmp_path / "a.jpg", b"\x1c\x02\x78\x00\x05hello", thumbnail)
    photo = read_photo(tmp_path / "a.jpg")
    write_photo(photo, photo.image, choose_output(photo, tmp_path / "b.jpg"))
    with Image.open(tmp_path / "b.jpg") as written:
        assert written.info["photoshop"] == {0x0404: b"\x1c\x02\x78\x00\x05hello"}
    assert b"BEFORE" not in (tmp_path / "b.jpg").read_bytes()
    with pytest.warns(PictureWarning, match="PNG has no place for the captions"):
        write_photo(photo, photo.image, choose_output(photo, tmp_path / "b.png"))


def test_a_tiff_that_says_nothing_of_its_resolution_gets_none(tmp_path: Path) -> None:
    _noise().save(tmp_path / "a.tif")
    photo = read_photo(tmp_path / "a.tif")
    assert "dpi" not in photo.metadata
    write_photo(photo, photo.image, choose_output(photo, tmp_path / "b.jpg"))
    with Image.open(tmp_path / "b.jpg") as written:
        assert "dpi" not in written.info


@pytest.mark.parametrize("suffix", [".tif", ".jpg", ".png"])
def test_a_bigtiff_keeps_its_exif_in_any_format(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a caption"
    _noise().save(tmp_path / "a.tif", big_tiff=True, exif=exif)
    assert (tmp_path / "a.tif").read_bytes()[2] == 43
    photo = read_photo(tmp_path / "a.tif")
    output = choose_output(photo, tmp_path / f"b{suffix}")
    write_photo(photo, photo.image, output)
    with Image.open(output) as written:
        assert written.getexif()[0x010E] == "a caption"

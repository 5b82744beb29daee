"""Manifests: written whole, read back, refused with the line that is wrong."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from splpaint.errors import InputError
from splpaint.images.resize import Resampling
from splpaint.pairs.manifest import manifest_sha256
from splpaint.pairs.pairing import (
    PairRecord,
    check_pairs,
    make_pairs,
    read_manifest,
    write_manifest,
)
from splpaint.pairs.preparation import View
from tests.pairs.conftest import photograph, save

HEADER = (
    "image,image_sha256,image_width,image_height,mask,mask_seed,mask_index,mask_sha256,mask_width,mask_height,"
    "ratio,bin"
)


def test_a_manifest_is_plain_csv_with_paths_relative_to_its_folder(manifest: Path) -> None:
    lines = manifest.read_bytes().decode("utf-8").split("\n")
    assert lines[0] == HEADER
    assert lines[-1] == ""
    rows = list(csv.reader(lines[1:-1]))
    assert [row[0] for row in rows[::2]] == ["photos/a.png", "photos/sub/b, c.jpg", "photos/d.webp"]
    assert all(len(row[10]) == 8 for row in rows)


def test_what_is_written_is_read_back(manifest: Path, photos: list[Path]) -> None:
    made = list(make_pairs(photos, seed=7, side_px=32, masks_per_image=2))
    read = read_manifest(manifest)
    assert [pair._replace(image=str(manifest.parent / pair.image)) for pair in read] == made


def test_a_manifest_in_another_folder_points_back(photos: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "lists" / "new" / "pairs.csv"
    write_manifest(make_pairs(photos, seed=0, side_px=16), path)
    assert read_manifest(path)[0].image == "../../photos/a.png"
    assert check_pairs(path) == []


def test_a_manifest_is_only_replaced_when_asked(manifest: Path, photos: list[Path]) -> None:
    def untouched() -> Iterator[PairRecord]:
        raise AssertionError("asked for a pair before the name was checked")
        yield

    before = manifest.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        write_manifest(untouched(), manifest)
    assert manifest.read_bytes() == before
    write_manifest(make_pairs(photos[:1], seed=0, side_px=16), manifest, overwrite=True)
    assert len(read_manifest(manifest)) == 1
    with pytest.raises(InputError, match="must be a file, got the folder"):
        write_manifest(untouched(), manifest.parent, overwrite=True)


def test_a_failure_on_the_way_leaves_the_old_manifest_and_no_other_file(
    manifest: Path, photos: list[Path]
) -> None:
    before, files = manifest.read_bytes(), set(manifest.parent.iterdir())
    pairs = make_pairs([*photos, manifest.parent / "gone.png"], seed=0, side_px=16)
    with pytest.raises(InputError, match=r"gone\.png"):
        write_manifest(pairs, manifest, overwrite=True)
    assert manifest.read_bytes() == before
    assert set(manifest.parent.iterdir()) == files


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("image", "", "image to be a path"),
        ("image_sha256", "12ab", "image_sha256 to be 64 hexadecimal digits, got '12ab'"),
        ("image_width", "0", "image_width to be a number of pixels, got '0'"),
        ("image_height", "60.0", "image_height"),
        ("mask", "cracks", "mask to be .*box, centre, .* with seed and index"),
        ("mask_seed", "", "mask to be .*box, centre, .* with seed and index"),
        ("mask_seed", "-1", "mask_seed to be a whole number"),
        ("mask_index", "", "mask to be .*box, centre, .* with seed and index"),
        ("mask_index", "1e3", "mask_index"),
        ("mask_sha256", "F" * 64, "mask_sha256"),
        ("mask_width", "64", "mask_width x mask_height to be a square .* got '64x32'"),
        ("ratio", "0.5", "ratio to be a number from 0 to 1 with 6 decimals"),
        ("ratio", "1.000001", "ratio"),
        ("ratio", "nan", "ratio"),
        ("ratio", "0.990000", "bin to be nothing for the ratio 0.990000"),
        ("bin", "(0.4,0.5]", r"bin to be \(0.01,0.1\] for the ratio 0.0"),
        ("bin", "", "bin"),
    ],
)
def test_a_bad_cell_is_refused_with_its_line(manifest: Path, column: str, cell: str, message: str) -> None:
    rows = list(csv.reader(manifest.read_text("utf-8").splitlines()))
    rows[1][rows[0].index(column)] = cell
    with manifest.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(InputError, match=rf"pairs\.csv, line 2: expected {message}"):
        read_manifest(manifest)


@pytest.fixture
def squeezed(photos: list[Path], tmp_path: Path) -> Path:
    """A manifest with the columns view and resize."""
    path = tmp_path / "squeezed.csv"
    write_manifest(make_pairs(photos, seed=7, view=View.WHOLE, resize=Resampling.BILINEAR, side_px=32), path)
    return path


def test_the_usual_preparation_is_not_written_and_another_is(manifest: Path, squeezed: Path) -> None:
    assert {(pair.view, pair.resize) for pair in read_manifest(manifest)} == {("centre", "area")}
    lines = squeezed.read_text("utf-8").splitlines()
    assert lines[0] == f"{HEADER},view,resize"
    assert all(line.endswith(",whole,bilinear") for line in lines[1:])
    assert {(pair.view, pair.resize) for pair in read_manifest(squeezed)} == {("whole", "bilinear")}


def test_the_usual_preparation_may_be_written_out(manifest: Path) -> None:
    pairs = read_manifest(manifest)
    first, *rest = manifest.read_text("utf-8").splitlines()
    lines = [f"{first},view,resize", *(f"{line},centre,area" for line in rest)]
    manifest.write_text("\n".join(lines), "utf-8")
    assert read_manifest(manifest) == pairs


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("hole,bilinear", r"view to be one of centre, whole, native \(perhaps whole\), got 'hole'"),
        ("WHOLE,bilinear", r"view to be one of .* \(perhaps whole\), got 'WHOLE'"),
        (",bilinear", "view to be one of centre, whole, native, got ''"),
        ("whole,cubic", r"resize to be one of area, .*, lanczos \(perhaps bicubic\), got 'cubic'"),
        ("whole,", "resize to be one of area, bilinear, bicubic, lanczos, got ''"),
        ("native,bilinear", "resize to be nothing with the view native, got 'bilinear'"),
        (
            "native,",
            "mask_width x mask_height to be 80x60, the picture's, of at least 16 pixels, got '32x32'",
        ),
    ],
)
def test_a_bad_preparation_is_refused_with_its_line(squeezed: Path, cells: str, message: str) -> None:
    squeezed.write_text(squeezed.read_text("utf-8").replace("whole,bilinear", cells, 1), "utf-8")
    with pytest.raises(InputError, match=rf"squeezed\.csv, line 2: expected {message}"):
        read_manifest(squeezed)


def test_pairs_of_different_preparations_do_not_share_a_manifest(squeezed: Path, photos: list[Path]) -> None:
    different = r"view and resize to be whole,bilinear as before, got 'whole,area'"
    lines = squeezed.read_text("utf-8").replace("bilinear", "area").splitlines(keepends=True)
    squeezed.write_text(squeezed.read_text("utf-8") + lines[3], "utf-8")
    with pytest.raises(InputError, match=rf"squeezed\.csv, line 5: expected {different}"):
        read_manifest(squeezed)

    one, other = (
        make_pairs(photos[:1], seed=0, view=View.WHOLE, resize=how, side_px=16)
        for how in (Resampling.BILINEAR, Resampling.AREA)
    )
    with pytest.raises(InputError, match=f"pair 2: expected {different}"):
        write_manifest([*one, *other], squeezed.with_name("both.csv"))
    assert not squeezed.with_name("both.csv").exists()


def test_another_header_is_refused(manifest: Path) -> None:
    manifest.write_text(manifest.read_text("utf-8").replace("image_width", "width", 1), "utf-8")
    with pytest.raises(InputError, match="line 1: expected the header to be image,image_sha256"):
        read_manifest(manifest)


def test_a_line_with_another_number_of_columns_is_refused(manifest: Path) -> None:
    with manifest.open("a", encoding="utf-8") as file:
        file.write("photos/a.png,12\n")
    with pytest.raises(InputError, match="line 8: expected 12 columns, got 2"):
        read_manifest(manifest)


def test_a_line_without_the_columns_of_the_preparation_is_refused(squeezed: Path) -> None:
    squeezed.write_text(squeezed.read_text("utf-8").replace(",whole,bilinear", "", 1), "utf-8")
    with pytest.raises(InputError, match="line 2: expected 14 columns, got 12"):
        read_manifest(squeezed)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", HEADER.encode(), b'"open'])
def test_what_is_no_manifest_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"pairs\.csv"):
        read_manifest(tmp_path / "pairs.csv")


def test_a_manifest_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a manifest \(CSV, UTF-8\), got .*gone\.csv"):
        read_manifest(tmp_path / "gone.csv")


def test_a_manifest_saved_by_a_spreadsheet_program_is_read(manifest: Path) -> None:
    pairs = read_manifest(manifest)
    manifest.write_bytes(b"\xef\xbb\xbf" + manifest.read_bytes().replace(b"\n", b"\r\n"))
    assert read_manifest(manifest) == pairs
    assert check_pairs(manifest) == []


@pytest.mark.parametrize("name", ["a\rb", "a\r\nb"])
def test_a_name_with_a_carriage_return_is_refused_and_nothing_written(name: str, tmp_path: Path) -> None:
    grey = photograph(20, 20).convert("L")  # a picture and a mask
    odd = save(grey, tmp_path / "odd" / f"{name}.png")
    plain = save(grey, tmp_path / "plain.png")
    for pictures, masks in (([plain, odd], [plain]), ([plain], [odd])):
        pairs = make_pairs(pictures, masks=masks, seed=0, side_px=16)
        with pytest.raises(InputError, match=r"carriage return, got '\.\./odd/a\\r(\\n)?b\.png', with which"):
            write_manifest(pairs, tmp_path / "new" / "pairs.csv")
    assert list((tmp_path / "new").iterdir()) == []


def test_line_breaks_commas_and_quotes_in_names_are_read_back(tmp_path: Path) -> None:
    odd = [
        save(photograph(20, 20).convert("L"), tmp_path / f"{name}.png")
        for name in ("a\nb", "c, d", 'e"f', " g ")
    ]
    write_manifest(make_pairs(odd, masks=odd, seed=0, side_px=16), tmp_path / "pairs.csv")
    assert [tmp_path / pair.image for pair in read_manifest(tmp_path / "pairs.csv")] == odd
    assert check_pairs(tmp_path / "pairs.csv") == []


def test_the_checksum_of_a_manifest_is_that_of_its_file(manifest: Path) -> None:
    assert manifest_sha256(manifest) == hashlib.sha256(manifest.read_bytes()).hexdigest()
    with pytest.raises(InputError, match=r"expected a manifest, got .*gone\.csv"):
        manifest_sha256(manifest.with_name("gone.csv"))

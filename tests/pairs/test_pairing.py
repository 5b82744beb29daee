from __future__ import annotations

import csv
import hashlib
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import read_rgb
from splpaint.masks.box import box_mask
from splpaint.masks.irregular import irregular_mask
from splpaint.masks.kinds import GENERATORS
from splpaint.masks.ratios import ratio_bin
from splpaint.pairs.manifest import manifest_sha256
from splpaint.pairs.pairing import (
    PairRecord,
    check_pairs,
    load_pair,
    make_pairs,
    read_manifest,
    write_manifest,
)

HEADER = (
    "image,image_sha256,image_width,image_height,mask,mask_seed,mask_index,mask_sha256,mask_width,mask_height,"
    "ratio,bin"
)


def _photograph(width: int, height: int, *, seed: int = 0) -> Image.Image:
    levels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(levels)


def _save(image: Image.Image, path: Path, *, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, exif=exif)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "photos"
    return [
        _save(_photograph(80, 60, seed=1), folder / "a.png"),
        _save(_photograph(64, 96, seed=2), folder / "sub" / "b, c.jpg", orientation=6),
        _save(_photograph(40, 40, seed=3), folder / "d.webp"),
    ]


@pytest.fixture
def manifest(photos: list[Path], tmp_path: Path) -> Path:
    path = tmp_path / "pairs.csv"
    write_manifest(make_pairs(photos, seed=7, side_px=32, masks_per_image=2), path)
    return path


@pytest.fixture
def mask_files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "masks" / f"{index}.png" for index in range(4)]
    for index, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(irregular_mask(seed=1, index=index, height=64, width=80)).save(path)
    return paths


# --- making


def test_pairs_record_sizes_checksums_and_a_running_mask_index(photos: list[Path]) -> None:
    pairs = list(make_pairs(photos, seed=7, side_px=32, masks_per_image=2))
    assert [Path(pair.image) for pair in pairs] == [path for path in photos for _ in range(2)]
    assert [(pair.image_width, pair.image_height) for pair in pairs[::2]] == [(80, 60), (96, 64), (40, 40)]
    assert [pair.mask_index for pair in pairs] == list(range(6))
    for pair in pairs:
        hole = irregular_mask(seed=7, index=pair.mask_index or 0, height=32, width=32)
        levels = np.where(hole, 255, 0).astype(np.uint8)
        assert pair.mask_sha256 == hashlib.sha256(levels.tobytes()).hexdigest()
        assert pair.image_sha256 == hashlib.sha256(Path(pair.image).read_bytes()).hexdigest()
        assert (str(pair.mask), pair.mask_seed, pair.mask_width, pair.mask_height) == ("irregular", 7, 32, 32)
        assert pair.ratio == pytest.approx(hole.mean(), abs=5e-7)
        assert pair.bin == ratio_bin(float(hole.mean()))


def test_the_same_seed_gives_the_same_pairs_and_another_seed_others(photos: list[Path]) -> None:
    pairs = list(make_pairs(photos, seed=7, side_px=32))
    assert list(make_pairs(photos, seed=7, side_px=32)) == pairs
    others = make_pairs(photos, seed=8, side_px=32)
    assert not {pair.mask_sha256 for pair in others} & {pair.mask_sha256 for pair in pairs}


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_size_in_the_header_is_that_of_the_upright_picture(
    suffix: str, orientation: int, tmp_path: Path
) -> None:
    path = _save(_photograph(30, 20), tmp_path / f"a{suffix}", orientation=orientation)
    (pair,) = make_pairs([path], seed=0, side_px=16)
    height, width, _ = read_rgb(path).shape
    assert (pair.image_width, pair.image_height) == (width, height)


def test_mask_files_are_dealt_out_shuffled_each_once_before_any_comes_again(
    mask_files: list[Path], photos: list[Path]
) -> None:
    pairs = list(make_pairs(photos, masks=mask_files, seed=3, side_px=32, masks_per_image=4))
    dealt = [Path(pair.mask.path or "") for pair in pairs]
    for turn in range(3):
        assert sorted(dealt[4 * turn : 4 * turn + 4]) == mask_files
    assert dealt != mask_files * 3
    assert {(pair.mask_seed, pair.mask_index) for pair in pairs} == {(None, None)}
    assert pairs[0].mask_sha256 == hashlib.sha256(dealt[0].read_bytes()).hexdigest()


@pytest.mark.parametrize("per_image", [2, 3])
def test_no_picture_gets_a_mask_file_twice_and_all_files_come_alike(
    per_image: int, mask_files: list[Path], photos: list[Path]
) -> None:
    pictures = photos * 20
    for seed in range(10):
        pairs = list(
            make_pairs(pictures, masks=mask_files[:3], seed=seed, side_px=32, masks_per_image=per_image)
        )
        groups = [pairs[start : start + per_image] for start in range(0, len(pairs), per_image)]
        assert len(groups) == 60
        assert all(len({pair.mask for pair in group}) == per_image for group in groups)
        assert set(Counter(pair.mask for pair in pairs).values()) == {20 * per_image}
    with pytest.raises(InputError, match="at least 4 mask files for 4 masks per image, got 3; ask for fewer"):
        list(make_pairs(photos, masks=mask_files[:3], seed=0, masks_per_image=4))


def test_an_unreadable_picture_is_named(photos: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_text("no picture", "utf-8")
    with pytest.raises(InputError, match=r"got .*broken\.jpg \(no known format\); replace it"):
        list(make_pairs([*photos, broken], seed=0, side_px=16))
    with pytest.raises(InputError, match=r"gone\.jpg"):
        list(make_pairs([tmp_path / "gone.jpg"], seed=0, side_px=16))


def test_a_picture_of_more_than_100_megapixels_is_refused_by_its_header_without_a_warning(
    tmp_path: Path,
) -> None:
    Image.new("1", (10_000, 10_001)).save(tmp_path / "large.png")
    with (
        warnings.catch_warnings(action="error"),
        pytest.raises(InputError, match=r"at most 100 megapixels, got 10000x10001 in .*large\.png"),
    ):
        list(make_pairs([tmp_path / "large.png"], seed=0))


def test_an_empty_mask_file_is_refused(photos: list[Path], tmp_path: Path) -> None:
    Image.new("L", (32, 32)).save(tmp_path / "black.png")
    with pytest.raises(InputError, match=r"expected a hole, got the empty mask .*black\.png"):
        list(make_pairs(photos, masks=[tmp_path / "black.png"], seed=0))


def test_arguments_out_of_range_are_refused(photos: list[Path]) -> None:
    with pytest.raises(InputError, match="at least 16 pixels"):
        list(make_pairs(photos, seed=0, side_px=15))
    with pytest.raises(InputError, match="at least 1 mask per image"):
        list(make_pairs(photos, seed=0, masks_per_image=0))
    with pytest.raises(InputError, match="seed from 0"):
        list(make_pairs(photos, seed=-1))
    with pytest.raises(InputError, match=r"box, centre, .* or a list, got 'cracks'"):
        list(make_pairs(photos, masks="cracks", seed=0))
    with pytest.raises(InputError, match=r"at least one mask file for each of 1 set\(s\), got 0"):
        list(make_pairs(photos, masks=[], seed=0))


# --- writing and reading


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
        ("mask", "cracks", "mask to be box, centre, .* with seed and index"),
        ("mask_seed", "", "mask to be box, centre, .* with seed and index"),
        ("mask_seed", "-1", "mask_seed to be a whole number"),
        ("mask_index", "", "mask to be box, centre, .* with seed and index"),
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


def test_another_header_is_refused(manifest: Path) -> None:
    manifest.write_text(manifest.read_text("utf-8").replace("image_width", "width", 1), "utf-8")
    with pytest.raises(InputError, match="line 1: expected the header to be image,image_sha256"):
        read_manifest(manifest)


def test_a_line_with_another_number_of_columns_is_refused(manifest: Path) -> None:
    with manifest.open("a", encoding="utf-8") as file:
        file.write("photos/a.png,12\n")
    with pytest.raises(InputError, match="line 8: expected 12 columns, got 2"):
        read_manifest(manifest)


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
    grey = _photograph(20, 20).convert("L")  # a picture and a mask
    odd = _save(grey, tmp_path / "odd" / f"{name}.png")
    plain = _save(grey, tmp_path / "plain.png")
    for pictures, masks in (([plain, odd], [plain]), ([plain], [odd])):
        pairs = make_pairs(pictures, masks=masks, seed=0, side_px=16)
        with pytest.raises(InputError, match=r"carriage return, got '\.\./odd/a\\r(\\n)?b\.png', with which"):
            write_manifest(pairs, tmp_path / "new" / "pairs.csv")
    assert list((tmp_path / "new").iterdir()) == []


def test_line_breaks_commas_and_quotes_in_names_are_read_back(tmp_path: Path) -> None:
    odd = [
        _save(_photograph(20, 20).convert("L"), tmp_path / f"{name}.png")
        for name in ("a\nb", "c, d", 'e"f', " g ")
    ]
    write_manifest(make_pairs(odd, masks=odd, seed=0, side_px=16), tmp_path / "pairs.csv")
    assert [tmp_path / pair.image for pair in read_manifest(tmp_path / "pairs.csv")] == odd
    assert check_pairs(tmp_path / "pairs.csv") == []


# --- checking


def test_nothing_differs_when_nothing_changed_even_in_another_place(manifest: Path, tmp_path: Path) -> None:
    seen: list[None] = []
    assert check_pairs(manifest, on_pair=lambda: seen.append(None)) == []
    assert len(seen) == 6
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "photos").rename(elsewhere / "photos")
    manifest.rename(elsewhere / "pairs.csv")
    assert check_pairs(elsewhere / "pairs.csv") == []


def test_missing_changed_and_resized_pictures_are_told(manifest: Path, photos: list[Path]) -> None:
    photos[0].unlink()
    with photos[1].open("ab") as file:
        file.write(b"\0")
    _photograph(41, 40).save(photos[2])
    differences = check_pairs(manifest)
    assert differences[:2] == [f"pair {number}: picture photos/a.png is missing" for number in (1, 2)]
    assert differences[2].startswith("pair 3: picture photos/sub/b, c.jpg has SHA-256 ")
    assert differences[4].startswith("pair 5: picture photos/d.webp has SHA-256 ")
    assert differences[5] == "pair 5: picture photos/d.webp has 41x40 pixels, recorded 40x40"
    assert len(differences) == 8


def test_a_pair_that_is_listed_twice_is_told(
    manifest: Path, photos: list[Path], mask_files: list[Path], tmp_path: Path
) -> None:
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    manifest.write_text("".join([*lines, lines[2]]), "utf-8")
    again = "pair 7: picture photos/a.png with mask irregular (seed 7, index 1) is pair 2 again"
    assert check_pairs(manifest) == [again]

    files = tmp_path / "files.csv"
    write_manifest(make_pairs(photos[:1], masks=mask_files[:1], seed=0, side_px=32), files)
    files.write_text(files.read_text("utf-8") + files.read_text("utf-8").partition("\n")[2], "utf-8")
    assert check_pairs(files) == ["pair 2: picture photos/a.png with mask masks/0.png is pair 1 again"]


def test_the_checksum_of_a_manifest_is_that_of_its_file(manifest: Path) -> None:
    assert manifest_sha256(manifest) == hashlib.sha256(manifest.read_bytes()).hexdigest()
    with pytest.raises(InputError, match=r"expected a manifest, got .*gone\.csv"):
        manifest_sha256(manifest.with_name("gone.csv"))


def test_a_generator_that_draws_other_masks_is_told(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GENERATORS, "irregular", box_mask)
    first, second, *_ = check_pairs(manifest)
    assert first.startswith("pair 1: mask irregular (seed 7, index 0) has SHA-256 ")
    assert second.startswith("pair 1: mask irregular (seed 7, index 0) has ratio ")
    assert "recorded 0.0" in second


def test_missing_and_changed_mask_files_are_told(
    photos: list[Path], mask_files: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / "pairs.csv"
    write_manifest(make_pairs(photos[:2], masks=mask_files[:2], seed=0, side_px=32), path)
    first, second = (tmp_path / str(pair.mask) for pair in read_manifest(path))
    assert check_pairs(path) == []
    first.unlink()
    Image.new("L", (32, 32), 255).save(second)
    missing, changed, ratio = check_pairs(path)
    assert missing.startswith(f"pair 1: mask masks/{first.name}: ")
    assert "does not exist" in missing
    assert changed.startswith(f"pair 2: mask masks/{second.name} has SHA-256 ")
    assert "has ratio 1.000000, bin none, recorded 0." in ratio


# --- loading


def test_a_pair_is_loaded_upright_cropped_to_its_centre_and_averaged_over_areas(tmp_path: Path) -> None:
    stored = _photograph(64, 100)
    _save(stored, tmp_path / "a.png", orientation=6)  # 100x64 when upright: turned clockwise
    write_manifest(make_pairs([tmp_path / "a.png"], seed=0, side_px=32), tmp_path / "pairs.csv")
    (pair,) = read_manifest(tmp_path / "pairs.csv")
    image, hole = load_pair(pair, tmp_path)

    square = np.rot90(np.asarray(stored), k=-1)[:, 18:82].astype(np.float64)
    means = square.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    assert image.dtype == np.uint8
    np.testing.assert_allclose(image, means, atol=1)
    np.testing.assert_array_equal(hole, irregular_mask(seed=0, index=0, height=32, width=32))


def test_a_mask_file_is_cropped_to_its_centre_and_resized_by_nearest_pixel(
    photos: list[Path], mask_files: list[Path], tmp_path: Path
) -> None:
    pair = next(make_pairs(photos, masks=mask_files[:1], seed=0, side_px=32))
    _, hole = load_pair(pair, tmp_path)
    full = irregular_mask(seed=1, index=0, height=64, width=80)
    np.testing.assert_array_equal(hole, full[1::2, 9:72:2])
    assert pair.ratio == pytest.approx(hole.mean(), abs=5e-7)


def test_a_mask_file_may_be_smaller_than_the_working_size(photos: list[Path], tmp_path: Path) -> None:
    Image.fromarray(np.eye(4, dtype=np.bool_)).save(tmp_path / "eye.png")
    pair = next(make_pairs(photos, masks=[tmp_path / "eye.png"], seed=0, side_px=16))
    np.testing.assert_array_equal(load_pair(pair, tmp_path)[1], np.kron(np.eye(4), np.ones((4, 4))))


def test_a_changed_pair_is_not_loaded(manifest: Path, photos: list[Path]) -> None:
    pair = read_manifest(manifest)[0]
    assert load_pair(pair, manifest.parent)[0].shape == (32, 32, 3)
    with pytest.raises(InputError, match=r"expected the pair as recorded, got: mask irregular"):
        load_pair(pair._replace(mask_sha256="0" * 64), manifest.parent)
    photos[0].unlink()
    with pytest.raises(InputError, match=r"got: picture photos/a\.png is missing; bring the files back"):
        load_pair(pair, manifest.parent)

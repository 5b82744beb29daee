from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import read_rgb
from splpaint.images.listing import list_pictures
from splpaint.masks.kinds.box import box_mask
from splpaint.masks.kinds.generators import GENERATORS
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.masks.polarity import Polarity
from splpaint.masks.ratios import ratio_bin
from splpaint.masks.sources import MaskFiles, MaskSource, open_masks
from splpaint.pairs.pairing import (
    check_pairs,
    load_pair,
    make_pairs,
    read_manifest,
    write_manifest,
)
from tests.pairs.conftest import photograph, save


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
    path = save(photograph(30, 20), tmp_path / f"a{suffix}", orientation=orientation)
    (pair,) = make_pairs([path], seed=0, side_px=16)
    height, width, _ = read_rgb(path).shape
    assert (pair.image_width, pair.image_height) == (width, height)


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
    photograph(41, 40).save(photos[2])
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


def test_a_pair_is_loaded_upright_cropped_to_its_centre_and_averaged_over_areas(tmp_path: Path) -> None:
    stored = photograph(64, 100)
    save(stored, tmp_path / "a.png", orientation=6)  # 100x64 when upright: turned clockwise
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


@pytest.mark.parametrize("kind", [*sorted(GENERATORS), "object", "white-hole", "white-known"])
def test_pairs_of_every_source_are_recalled_from_their_manifest(
    kind: str, pictures: list[Path], masks: Path, cut_outs: Path, tmp_path: Path
) -> None:
    if kind in GENERATORS:
        source: MaskSource = open_masks(kind)
    elif kind == "object":
        source = open_masks(f"object:{cut_outs}")
    else:
        source = open_masks(str(masks), polarity=Polarity(kind), any_ratio=True)
    manifest = tmp_path / "lists" / "pairs.csv"
    made = list(make_pairs(pictures, masks=source, seed=3, side_px=32))
    write_manifest(made, manifest)
    assert check_pairs(manifest) == []
    for pair, recorded in zip(made, read_manifest(manifest), strict=True):
        _, hole = load_pair(recorded, manifest.parent)
        assert hole.mean() == pytest.approx(pair.ratio, abs=1e-6)
        assert "/../" not in str(pair.mask)
        assert str(tmp_path) not in str(recorded.mask)


def test_a_mask_read_the_other_way_round_is_the_rest(pictures: list[Path], masks: Path) -> None:
    files = list_pictures(masks)
    white, black = (
        list(make_pairs(pictures, masks=MaskFiles(files, polarity), seed=0, side_px=32))
        for polarity in Polarity
    )
    for one, other in zip(white, black, strict=True):
        assert str(other.mask) == f"white-known:{one.mask}"
        assert other.mask_sha256 == one.mask_sha256
        assert one.ratio + other.ratio == pytest.approx(1, abs=2e-6)

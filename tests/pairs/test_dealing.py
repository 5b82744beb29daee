"""Dealing masks to pictures: sets that share none, ratio bins that are all filled."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from splpaint.errors import InputError
from splpaint.images.arrays import Hole
from splpaint.images.listing import list_pictures
from splpaint.images.mask_values import read_mask
from splpaint.masks.ratios import RATIO_BINS
from splpaint.masks.sources import MaskFiles, MaskSource, open_masks
from splpaint.pairs.pairing import (
    check_pairs,
    make_pairs,
    make_pairs_per_bin,
    write_manifest,
)
from splpaint.shares import Share


@pytest.mark.parametrize("drawn", [True, False])
def test_mask_sets_of_one_seed_share_no_mask(drawn: bool, pictures: list[Path], masks: Path) -> None:
    source: MaskSource = open_masks("irregular" if drawn else str(masks))
    sets = [
        {
            (pair.mask, pair.mask_index)
            for pair in make_pairs(
                pictures, masks=source, seed=9, side_px=32, masks_per_image=4, mask_set=Share(number, 3)
            )
        }
        for number in (1, 2, 3)
    ]
    assert len(set.union(*sets)) == sum(map(len, sets))
    assert all(len(each) == (20 if drawn else 8) for each in sets)


def test_every_mask_set_has_all_bins_alike(pictures: list[Path]) -> None:
    pairs = make_pairs(pictures, seed=0, side_px=32, masks_per_image=12, mask_set=Share(2, 3))
    assert Counter(pair.bin for pair in pairs) == dict.fromkeys(RATIO_BINS, 10)


@pytest.mark.parametrize(("number", "sets"), [(0, 3), (4, 3), (1, 0)])
def test_a_mask_set_that_is_none_of_them_is_refused(number: int, sets: int, pictures: list[Path]) -> None:
    with pytest.raises(InputError, match=f"mask_set must be one of 1/N to N/N, got '{number}/{sets}'"):
        list(make_pairs(pictures, seed=0, mask_set=Share(number, sets)))


@pytest.mark.parametrize("number", [1, 24, 25])
def test_more_mask_sets_than_mask_files_are_refused_whichever_is_asked_for(
    number: int, pictures: list[Path], masks: Path
) -> None:
    source = open_masks(str(masks))
    with pytest.raises(
        InputError, match=r"one mask file for each of 25 set\(s\), got 24; give more masks or"
    ):
        list(make_pairs(pictures, masks=source, seed=0, side_px=32, mask_set=Share(number, 25)))
    assert len(list(make_pairs(pictures, masks=source, seed=0, side_px=32, mask_set=Share(1, 24)))) == 5


@pytest.mark.parametrize("drawn", [True, False])
def test_every_bin_gets_its_number_of_pairs_and_no_picture_twice(
    drawn: bool, pictures: list[Path], masks: Path, tmp_path: Path
) -> None:
    source = open_masks("irregular" if drawn else str(masks))
    pairs = list(make_pairs_per_bin(pictures, masks=source, seed=4, side_px=32, per_bin=3))
    assert Counter(pair.bin for pair in pairs) == dict.fromkeys(RATIO_BINS, 3)
    assert len({(pair.bin, pair.image) for pair in pairs}) == 18
    assert len({pair.mask_sha256 for pair in pairs}) == 18
    write_manifest(pairs, tmp_path / "pairs.csv")
    assert check_pairs(tmp_path / "pairs.csv") == []


def test_masks_that_cannot_fill_every_bin_are_refused(pictures: list[Path], masks: Path) -> None:
    with pytest.raises(InputError, match=r"expected 5 masks in each ratio bin, got only 4 in \(0.01,0.1\]"):
        list(make_pairs_per_bin(pictures, masks=open_masks(str(masks)), seed=0, side_px=32, per_bin=5))
    with pytest.raises(InputError, match=r"got only 0 in \(0.01,0.1\], .* 0 in \(0.5,0.6\]; ask for fewer"):
        list(make_pairs_per_bin(pictures, masks="centre", seed=0, side_px=16, per_bin=1))


def test_no_mask_file_is_decoded_twice(
    pictures: list[Path], masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []

    def counted(path: Path) -> Hole:
        decoded.append(path.name)
        return read_mask(path)

    monkeypatch.setattr("splpaint.masks.mask_files.read_mask", counted)
    source = MaskFiles(list_pictures(masks)[:3])
    assert len(list(make_pairs(pictures, masks=source, seed=0, side_px=32, masks_per_image=3))) == 15
    assert sorted(decoded) == ["00.png", "01.png", "02.png"]


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

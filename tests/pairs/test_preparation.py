"""How photos become the pixels of pairs, and masks their holes: every view, every source of masks."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import read_rgb
from splpaint.images.listing import list_pictures
from splpaint.images.resize import Resampling
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.masks.ratios import RATIO_BINS, ratio_bin
from splpaint.masks.sources import MaskFiles, MaskSource, open_masks
from splpaint.pairs.pairing import (
    check_pairs,
    load_pair,
    make_numbered_pairs,
    make_pairs,
    make_pairs_per_bin,
    read_manifest,
    write_manifest,
)
from splpaint.pairs.preparation import View
from tests.pairs.conftest import photograph, save


def test_whole_squeezes_the_upright_photo_as_asked(photos: list[Path], tmp_path: Path) -> None:
    for how in Resampling:
        made = make_pairs(photos, seed=7, view=View.WHOLE, resize=how, side_px=32)
        for path, pair in zip(photos, made, strict=True):
            image, hole = load_pair(pair, tmp_path)
            pixels = read_rgb(path)
            if how is Resampling.BILINEAR:
                wanted = cv2.resize(pixels, (32, 32), interpolation=cv2.INTER_LINEAR)
            else:
                method = "BOX" if how is Resampling.AREA else how.upper()
                wanted = np.asarray(Image.fromarray(pixels).resize((32, 32), Image.Resampling[method]))
            np.testing.assert_array_equal(image, wanted)
            drawn = irregular_mask(seed=7, index=pair.mask_index or 0, height=32, width=32)
            np.testing.assert_array_equal(hole, drawn)


def test_centre_is_cropped_before_it_is_resized(tmp_path: Path) -> None:
    path = save(photograph(90, 60), tmp_path / "a.png")
    (pair,) = make_pairs([path], seed=0, resize=Resampling.LANCZOS, side_px=32)
    square = Image.fromarray(read_rgb(path)[:, 15:75])
    np.testing.assert_array_equal(
        load_pair(pair, tmp_path)[0], square.resize((32, 32), Image.Resampling.LANCZOS)
    )


def test_native_keeps_the_upright_photo_and_draws_masks_of_its_size(
    photos: list[Path], tmp_path: Path
) -> None:
    write_manifest(make_pairs(photos, seed=7, view=View.NATIVE, masks_per_image=2), tmp_path / "pairs.csv")
    pairs = read_manifest(tmp_path / "pairs.csv")
    sizes = [(pair.mask_width, pair.mask_height) for pair in pairs[::2]]
    assert sizes == [(80, 60), (96, 64), (40, 40)]
    assert {(pair.view, pair.resize) for pair in pairs} == {("native", None)}
    for path, pair in zip([path for path in photos for _ in range(2)], pairs, strict=True):
        image, hole = load_pair(pair, tmp_path)
        np.testing.assert_array_equal(image, read_rgb(path))
        height, width = hole.shape
        drawn = irregular_mask(seed=7, index=pair.mask_index or 0, height=height, width=width)
        np.testing.assert_array_equal(hole, drawn)
        assert (
            pair.mask_sha256 == hashlib.sha256(np.where(drawn, 255, 0).astype(np.uint8).tobytes()).hexdigest()
        )
        assert pair.ratio == pytest.approx(drawn.mean(), abs=5e-7)
        assert pair.bin == ratio_bin(float(drawn.mean()))
    assert check_pairs(tmp_path / "pairs.csv") == []


@pytest.mark.parametrize(
    ("view", "rows", "columns"),
    [
        (View.CENTRE, slice(1, None, 2), slice(9, 72, 2)),
        (View.WHOLE, slice(1, None, 2), [(2 * x + 1) * 80 // 64 for x in range(32)]),
        (View.NATIVE, [(2 * y + 1) * 64 // 80 for y in range(40)], slice(1, None, 2)),
    ],
)
def test_a_mask_file_is_cropped_for_the_centre_and_stretched_for_the_others(
    view: View, rows: slice, columns: slice, mask_files: list[Path], tmp_path: Path
) -> None:
    path = save(photograph(40, 40), tmp_path / "a.png")
    side_px = None if view is View.NATIVE else 32
    (pair,) = make_pairs([path], masks=mask_files[:1], seed=0, view=view, side_px=side_px)
    full = irregular_mask(seed=1, index=0, height=64, width=80)
    _, hole = load_pair(pair, tmp_path)
    np.testing.assert_array_equal(hole, full[rows][:, columns])
    assert pair.ratio == pytest.approx(hole.mean(), abs=5e-7)
    assert pair.mask_sha256 == hashlib.sha256(mask_files[0].read_bytes()).hexdigest()


@pytest.mark.parametrize("source", ["irregular", "thick", "object", "files"])
def test_views_are_recalled_from_their_manifest(
    source: str, photos: list[Path], masks: Path, cut_outs: Path, tmp_path: Path
) -> None:
    masks_of: dict[str, MaskSource] = {
        "object": open_masks(f"object:{cut_outs}"),
        "files": MaskFiles(list_pictures(masks)),
    }
    for view in View:
        made = list(make_pairs(photos, masks=masks_of.get(source, source), seed=3, view=view))
        manifest = tmp_path / f"{view}.csv"
        write_manifest(made, manifest)
        assert check_pairs(manifest) == []
        for pair, recorded in zip(made, read_manifest(manifest), strict=True):
            image, hole = load_pair(recorded, tmp_path)
            assert image.shape == (*hole.shape, 3) == (pair.mask_height, pair.mask_width, 3)
            assert hole.mean() == pytest.approx(pair.ratio, abs=1e-6)


@pytest.mark.parametrize("kind", ["irregular", "mixed"])  # the shares of some mixed ones depend on the size
def test_bins_are_filled_by_the_holes_in_photos_of_many_sizes(kind: str, photos: list[Path]) -> None:
    pairs = list(make_pairs_per_bin(photos, masks=kind, seed=4, view=View.NATIVE, per_bin=4))
    assert Counter(pair.bin for pair in pairs) == dict.fromkeys(RATIO_BINS, 4)
    assert [Path(pair.image) for pair in pairs] == photos * 8
    for pair in pairs:
        _, hole = load_pair(pair, Path())
        assert hole.shape == (pair.image_height, pair.image_width)
        assert ratio_bin(float(hole.mean())) == pair.bin


def test_numbered_pairs_know_views(photos: list[Path], masks: Path) -> None:
    source = MaskFiles(list_pictures(masks))
    pairs = list(make_numbered_pairs(photos, masks=source, numbers=[2, 0, 2], view=View.NATIVE))
    assert [(pair.mask_width, pair.mask_height) for pair in pairs] == [(80, 60), (96, 64), (40, 40)]
    assert [Path(str(pair.mask)).name for pair in pairs] == ["02.png", "00.png", "02.png"]


def test_a_preparation_that_does_not_fit_is_refused(photos: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no filter and no side with the view native, .* got 64; leave"):
        list(make_pairs(photos, seed=0, view=View.NATIVE, side_px=64))
    with pytest.raises(InputError, match="which keeps every pixel, got area; leave"):
        list(make_pairs(photos, seed=0, view=View.NATIVE, resize=Resampling.AREA))
    with pytest.raises(InputError, match="a view from centre, whole, native, got 'hole'; did you mean whole"):
        list(make_pairs(photos, seed=0, view="hole"))
    with pytest.raises(InputError, match=r"resize with from area, .*, got 'cubic'; did you mean bicubic"):
        list(make_pairs(photos, seed=0, resize="cubic"))
    with pytest.raises(InputError, match="a side of at least 16 pixels, got 0; choose a larger one"):
        list(make_pairs(photos, seed=0, side_px=0))
    low = save(photograph(60, 15), tmp_path / "low.png")
    with pytest.raises(InputError, match=r"at least 16x16 pixels, got 60x15 in .*low\.png; leave it out, or"):
        list(make_pairs([low], seed=0, view=View.NATIVE))
    assert len(list(make_pairs([low], seed=0, view=View.WHOLE, side_px=16))) == 1

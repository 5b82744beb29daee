from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.mask_values import read_mask
from splpaint.masks.kinds.generators import GENERATORS
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.masks.polarity import Polarity
from splpaint.masks.sets import make_set, sort_into_bins
from splpaint.masks.sources import DrawnMasks, MaskFiles
from splpaint.masks.survey import MaskStats, survey_masks


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "given" / f"{index}.png" for index in range(6)]
    paths[0].parent.mkdir()
    for index, path in enumerate(paths):
        Image.fromarray(~irregular_mask(seed=0, index=index, height=40, width=48)).save(path)
    return paths


def test_a_set_is_what_its_generator_draws_with_a_table(tmp_path: Path) -> None:
    made = make_set(DrawnMasks("thin"), tmp_path / "set", count=3, seed=5, side_px=64)
    assert [path.name for path in sorted((tmp_path / "set").iterdir())] == [
        *(f"{number:06}.png" for number in range(3)),
        "masks.csv",
    ]
    for number, row in enumerate(_rows(tmp_path / "set" / "masks.csv")):
        hole = GENERATORS["thin"](seed=5, index=number, height=64, width=64)
        np.testing.assert_array_equal(read_mask(tmp_path / "set" / row["file"]), hole)
        assert (row["source"], row["seed"], row["index"]) == ("thin", "5", str(number))
        assert row["sha256"] == hashlib.sha256((hole * np.uint8(255)).tobytes()).hexdigest()
        assert float(row["ratio"]) == pytest.approx(hole.mean(), abs=1e-6)
    assert len(made.masks) == 3


def test_an_interrupted_run_goes_on_and_keeps_what_is_there(tmp_path: Path) -> None:
    def stop_after_two() -> None:
        if len(list(tmp_path.glob("0*.png"))) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_set(DrawnMasks("box"), tmp_path, count=4, side_px=32, on_mask=stop_after_two)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000.png", "000001.png"]
    times = [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())]
    make_set(DrawnMasks("box"), tmp_path, count=4, side_px=32)
    assert [path.stat().st_mtime_ns for path in sorted(tmp_path.glob("0*.png"))][:2] == times
    assert len(list(tmp_path.iterdir())) == 5


def test_nothing_is_replaced_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "000001.png").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=r"got .*000001\.png with other contents; .* `overwrite=True`"):
        make_set(DrawnMasks("box"), tmp_path, count=3, side_px=32)
    assert (tmp_path / "000001.png").read_text("utf-8") == "mine"
    make_set(DrawnMasks("box"), tmp_path, count=3, side_px=32, overwrite=True)
    with pytest.raises(InputError, match=r"got .*000000\.png with other contents"):
        make_set(DrawnMasks("box"), tmp_path, count=3, side_px=32, seed=1)
    with pytest.raises(InputError, match=r"masks\.csv exists already"):
        make_set(DrawnMasks("box"), tmp_path, count=4, side_px=32)


def test_the_same_command_again_finds_all_as_it_was(tmp_path: Path) -> None:
    make_set(DrawnMasks("box"), tmp_path, count=3, side_px=32)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    make_set(DrawnMasks("box"), tmp_path, count=3, side_px=32)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_smaller_set_in_place_of_a_larger_leaves_none_of_it(tmp_path: Path) -> None:
    make_set(DrawnMasks("box"), tmp_path, count=5, side_px=32)
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    make_set(DrawnMasks("box"), tmp_path, count=2, seed=9, side_px=32, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("000000.png", "000001.png", "masks.csv", "notes.txt")
    ]
    assert len(_rows(tmp_path / "masks.csv")) == 2


def test_masks_are_never_mixed_with_other_pictures_or_written_over_their_own_files(
    files: list[Path], tmp_path: Path
) -> None:
    given = files[0].parent
    with pytest.raises(InputError, match=r"expected a folder for 2 masks alone, got .*, which holds 0\.png"):
        make_set(DrawnMasks("box"), given, count=2, side_px=32)
    with pytest.raises(InputError, match="expected another folder than that of the masks"):
        make_set(MaskFiles(files), given, overwrite=True)
    assert all(path.is_file() for path in files)
    assert not (given / "masks.csv").exists()


def test_a_set_of_which_nothing_can_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_text("no picture", "utf-8")
    with pytest.raises(InputError, match="got 1 files of which none can be read"):
        make_set(MaskFiles([tmp_path / "broken.png"]), tmp_path / "set")
    assert not (tmp_path / "set" / "masks.csv").exists()


def test_sorting_again_leaves_no_mask_in_a_wrong_bin(files: list[Path], tmp_path: Path) -> None:
    bins = tmp_path / "bins"
    for polarity, overwrite in ((Polarity.WHITE_HOLE, False), (Polarity.WHITE_KNOWN, True)):
        masks = MaskFiles(files, polarity)
        survey = [mask for mask in survey_masks(files, masks.polarity) if isinstance(mask, MaskStats)]
        sort_into_bins(masks, survey, bins, overwrite=overwrite)
        written = sorted(path.relative_to(bins).as_posix() for path in bins.rglob("*.png"))
        assert written == sorted(row["file"] for row in _rows(bins / "bins.csv"))
        assert len(written) == len(files)


def test_files_are_converted_and_augmented_and_broken_ones_listed(files: list[Path], tmp_path: Path) -> None:
    files[2].write_bytes(b"")
    source = MaskFiles(files, Polarity.WHITE_KNOWN)
    plain = make_set(source, tmp_path / "plain")
    assert [path.file for path in plain.broken] == [files[2]]
    first = irregular_mask(seed=0, index=0, height=40, width=48)
    np.testing.assert_array_equal(read_mask(tmp_path / "plain" / "000000.png"), first)
    assert not (tmp_path / "plain" / "000002.png").exists()

    make_set(source, tmp_path / "more", count=12, side_px=32, augmentations=["rotate", "flip"])
    rows = _rows(tmp_path / "more" / "masks.csv")
    assert len(rows) == 10
    assert {(row["augment"], row["width"], row["height"]) for row in rows} == {("rotate+flip", "32", "32")}
    assert len({row["sha256"] for row in rows}) == 10


def test_drawn_masks_need_a_number(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a number of thin masks, got none; say `count`"):
        make_set(DrawnMasks("thin"), tmp_path)


# --- bins


@pytest.mark.parametrize("link", [True, False])
def test_masks_are_sorted_by_ratio(link: bool, files: list[Path], tmp_path: Path) -> None:
    for index, path in enumerate(files):
        Image.fromarray(irregular_mask(seed=0, index=index, height=40, width=48)).save(path)
    Image.new("L", (9, 9)).save(files[5])
    masks = MaskFiles(files)
    survey = [item for item in survey_masks(files, Polarity.WHITE_HOLE) if isinstance(item, MaskStats)]
    sort_into_bins(masks, survey, tmp_path / "binned", link=link)
    found = {path.relative_to(tmp_path / "binned").as_posix() for path in tmp_path.glob("binned/*/*")}
    bins = ("0.01-0.1", "0.1-0.2", "0.2-0.3", "0.3-0.4", "0.4-0.5", "other")
    assert found == {f"{folder}/{number}.png" for number, folder in enumerate(bins)}
    assert (tmp_path / "binned" / "0.1-0.2" / "1.png").read_bytes() == files[1].read_bytes()
    assert (tmp_path / "binned" / "0.1-0.2" / "1.png").is_symlink() is link
    rows = _rows(tmp_path / "binned" / "bins.csv")
    assert [row["bin"] for row in rows][-2:] == ["(0.4,0.5]", ""]
    (tmp_path / "binned" / "bins.csv").unlink()
    sort_into_bins(masks, survey, tmp_path / "binned", link=link)  # as after an interruption


def test_masks_with_white_known_are_written_as_new_files_and_never_linked(
    files: list[Path], tmp_path: Path
) -> None:
    masks = MaskFiles(files, Polarity.WHITE_KNOWN)
    survey = [item for item in survey_masks(files, Polarity.WHITE_KNOWN) if isinstance(item, MaskStats)]
    with pytest.raises(InputError, match="for `link=True`, got white-known"):
        sort_into_bins(masks, survey, tmp_path / "binned", link=True)
    sort_into_bins(masks, survey, tmp_path / "binned")
    expected = irregular_mask(seed=0, index=5, height=40, width=48)
    np.testing.assert_array_equal(read_mask(tmp_path / "binned" / "0.5-0.6" / "5.png"), expected)


def test_masks_of_one_name_in_two_folders_are_both_kept(files: list[Path], tmp_path: Path) -> None:
    twin = tmp_path / "given" / "more" / "0.png"
    twin.parent.mkdir()
    twin.write_bytes(files[0].read_bytes())
    survey = [
        item for item in survey_masks([files[0], twin], Polarity.WHITE_KNOWN) if isinstance(item, MaskStats)
    ]
    sort_into_bins(MaskFiles([files[0], twin], Polarity.WHITE_KNOWN), survey, tmp_path / "binned")
    assert [path.name for path in sorted((tmp_path / "binned" / "0.01-0.1").iterdir())] == [
        "000000-0.png",
        "000001-0.png",
    ]

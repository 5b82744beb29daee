"""The published form of a pairing: two lists and an index file."""

from __future__ import annotations

import contextlib
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from splpaint.errors import InputError
from splpaint.images.list_writing import write_list
from splpaint.images.listing import list_pictures
from splpaint.masks.polarity import Polarity
from splpaint.masks.sources import MaskFiles, open_masks
from splpaint.pairs.pairing import (
    make_numbered_pairs,
    make_pairs,
    published_numbers,
    read_manifest,
    write_manifest,
)
from splpaint.pairs.published import PublishedFiles, read_numbers, write_published


def test_published_numbers_are_numpy_s() -> None:
    expected = [9332, 11605, 6201, 1152, 2669]
    np.random.seed(2021)
    assert published_numbers(12_000, 5, seed=2021) == np.random.choice(12_000, 5).tolist()
    assert published_numbers(12_000, 5, seed=2021) == expected


def test_a_published_pairing_makes_the_round_trip(pictures: list[Path], masks: Path, tmp_path: Path) -> None:
    source = MaskFiles(list_pictures(masks))
    numbers = [7, 7, 0, 23, 4]
    made = list(make_numbered_pairs(pictures, masks=source, numbers=numbers, side_px=32))
    assert [Path(str(pair.mask)).name for pair in made] == ["07.png", "07.png", "00.png", "23.png", "04.png"]

    files = write_published(made, tmp_path, tmp_path / "published")
    listed, dealt = list_pictures(files.images), list_pictures(files.masks)
    assert listed == pictures
    index = read_numbers(files.numbers, pictures=5, masks=len(dealt))
    assert index == [0, 0, 1, 2, 3]
    assert list(make_numbered_pairs(listed, masks=MaskFiles(dealt), numbers=index, side_px=32)) == made


def test_the_index_counts_in_the_list_of_masks_that_is_given(
    pictures: list[Path], masks: Path, tmp_path: Path
) -> None:
    listed = sorted(
        list_pictures(masks), key=lambda path: path.stem[::-1]
    )  # the list's order, not the folder's
    numbers = published_numbers(24, 5, seed=3)
    pairs = make_numbered_pairs(pictures, masks=MaskFiles(listed), numbers=numbers, side_px=32)
    write_manifest(pairs, tmp_path / "lists" / "pairs.csv")
    recorded = read_manifest(tmp_path / "lists" / "pairs.csv")
    files = write_published(recorded, tmp_path / "lists", tmp_path / "published", masks=listed)
    np.testing.assert_array_equal(np.load(files.numbers), np.random.RandomState(3).choice(24, 5))
    assert list_pictures(files.masks) == listed
    assert list_pictures(files.images) == pictures


def test_a_published_triple_read_and_written_again_is_the_same(
    pictures: list[Path], masks: Path, tmp_path: Path
) -> None:
    theirs = PublishedFiles.in_folder(tmp_path / "theirs")
    (tmp_path / "link").symlink_to(masks)  # paths through links stay as they were listed
    names = [tmp_path / "link" / f"{index:02}.png" for index in np.random.default_rng(0).permutation(24)]
    write_list(reversed(pictures), theirs.images)
    write_list(names, theirs.masks)
    np.save(theirs.numbers, np.array([23, 23, 0, 5, 11]))

    listed = list_pictures(theirs.masks)
    read = read_numbers(theirs.numbers, pictures=5, masks=24)
    images = list_pictures(theirs.images)
    pairs = list(make_numbered_pairs(images, masks=MaskFiles(listed), numbers=read, side_px=32))
    write_manifest(pairs, tmp_path / "pairs.csv")
    (tmp_path / "way").mkdir()
    (tmp_path / "way" / "here").symlink_to(tmp_path)  # nor does the way to the manifest matter
    root = tmp_path / "way" / "here"
    ours = write_published(read_manifest(root / "pairs.csv"), root, tmp_path / "ours", masks=listed)
    assert [file.read_bytes() for file in ours] == [file.read_bytes() for file in theirs]


def test_a_mask_that_is_not_in_the_list_is_refused(pictures: list[Path], masks: Path, tmp_path: Path) -> None:
    listed = list_pictures(masks)
    known = MaskFiles(listed, Polarity.WHITE_KNOWN)
    drawn, black = (
        list(make_pairs(pictures, masks=source, seed=0, side_px=32)) for source in ("thin", known)
    )
    other = list(make_numbered_pairs(pictures[:1], masks=MaskFiles(listed), numbers=[7], side_px=32))
    for pairs, offered, got in (
        (drawn, listed, "thin"),
        (black, listed, "white-known:.*png"),
        (other, listed[:7], r".*07\.png"),
        (other, [], r".*07\.png"),
    ):
        with pytest.raises(
            InputError, match=rf"among the {len(offered)} of `masks`, got {got}; give the masks"
        ):
            write_published(pairs, tmp_path, tmp_path / "published", masks=offered)
    assert not (tmp_path / "published").exists()


@pytest.mark.parametrize("kind", ["thin", "white-known"])
def test_masks_that_are_no_white_hole_files_are_exported_as_such(
    kind: str, pictures: list[Path], masks: Path, tmp_path: Path
) -> None:
    source = (
        MaskFiles(list_pictures(masks), Polarity.WHITE_KNOWN) if kind == "white-known" else open_masks(kind)
    )
    made = list(make_pairs(pictures, masks=source, seed=0, side_px=32))
    files = write_published(made, tmp_path, tmp_path / "published")
    dealt = MaskFiles(list_pictures(files.masks))
    numbers = read_numbers(files.numbers, pictures=5, masks=5)
    back = list(make_numbered_pairs(pictures, masks=dealt, numbers=numbers, side_px=32))
    assert [pair.ratio for pair in back] == [pair.ratio for pair in made]


def test_a_picture_with_two_masks_cannot_be_exported(pictures: list[Path], tmp_path: Path) -> None:
    pairs = list(make_pairs(pictures, seed=0, side_px=32, masks_per_image=2))
    with pytest.raises(InputError, match=r"expected each picture once, got .*0\.png again"):
        write_published(pairs, tmp_path, tmp_path / "published")
    assert not (tmp_path / "published" / "images.flist").exists()


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        (np.arange(4), "an entry for each of 5 pictures, got 4"),
        (np.array([0, 1, 2, 3, 24]), "entries from 0 to 23, got 0 to 24"),
        (np.array([0, -1, 2, 3, 4]), "got -1 to 4"),
        (np.zeros(5), r"one row of whole numbers in .*index\.npy, got float64 of shape \(5,\); check"),
        (np.zeros((5, 1), np.uint8), r"one row of whole numbers in .*, got uint8 of shape \(5, 1\)"),
        (np.array(["7"]), "got <U1 of shape"),
        (np.array([{}]), "expected an index written by numpy.save"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(saved: np.ndarray, message: str, tmp_path: Path) -> None:
    np.save(tmp_path / "index.npy", saved)
    with pytest.raises(InputError, match=message):
        read_numbers(tmp_path / "index.npy", pictures=5, masks=24)


def test_several_indices_in_one_file_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "index.npz", a=np.arange(5), b=np.arange(5))
    with pytest.raises(
        InputError, match=r"whole numbers in .*index\.npz, got an archive of a, b; check the file"
    ):
        read_numbers(tmp_path / "index.npz", pictures=5, masks=24)


@pytest.mark.parametrize("name", ["OverflowError-82", "TokenError-7"])
def test_a_damaged_index_is_one_error_that_names_it(name: str) -> None:
    path = Path(__file__).parents[1] / "cases" / "data" / f"data-npy-{name}.npy"
    with pytest.raises(InputError, match=rf"expected an index written by numpy\.save, got .*{name}"):
        read_numbers(path, pictures=9, masks=9)


def test_an_index_that_claims_more_than_there_is_takes_no_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<i8", "fortran_order": False, "shape": (10**10,)}
        )
    tracemalloc.start()
    with pytest.raises(InputError, match="claims 80000000000 bytes of numbers, there are 0"):
        read_numbers(tmp_path / "a.npy", pictures=9, masks=9)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@given(changes=st.lists(st.tuples(st.integers(0, 199), st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_bytes_of_an_index_are_an_error_or_other_numbers(changes: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.npy")
        np.save(path, np.arange(9))
        data = bytearray(path.read_bytes())
        for place, value in changes:
            data[place] = value
        path.write_bytes(data)
        with contextlib.suppress(InputError):
            assert len(read_numbers(path, pictures=9, masks=9)) == 9

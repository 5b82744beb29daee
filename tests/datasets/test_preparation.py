from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.datasets.layouts import find_parts
from splpaint.datasets.preparation import prepare_dataset
from splpaint.errors import InputError
from splpaint.images.arrays import read_rgb
from splpaint.images.listing import list_pictures
from tests import dataset_samples as samples


def test_good_pictures_are_listed_and_the_others_named_with_the_reason(tmp_path: Path) -> None:
    good, bad = samples.odd_pictures(tmp_path / "photos")
    seen: list[None] = []
    summary = prepare_dataset(
        find_parts("folder", tmp_path / "photos"), tmp_path / "lists", on_picture=lambda: seen.append(None)
    )
    assert list_pictures(tmp_path / "lists" / "pictures.flist") == sorted(good, key=Path.as_posix)
    assert [file for file, _ in summary.unreadable] == bad
    reasons = {file.name: reason for file, reason in summary.unreadable}
    assert "animated" in reasons["animated.webp"]
    assert "0 bytes" in reasons["nothing.png"]
    assert "no known format" in reasons["text.jpg"]
    assert "cut short" in reasons["truncated.jpg"]
    with (tmp_path / "lists" / "unreadable.csv").open(encoding="utf-8", newline="") as file:
        assert [Path(row["file"]) for row in csv.DictReader(file)] == bad
    assert len(seen) == len(good) + len(bad)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_summary_counts_parts_sizes_and_look_alikes(workers: int, tmp_path: Path) -> None:
    samples.paris(tmp_path / "paris")
    samples.photograph(101).resize((300, 200)).save(tmp_path / "paris" / "paris_train_original" / "leak.png")
    summary = prepare_dataset(find_parts("paris", tmp_path / "paris"), tmp_path / "lists", workers=workers)
    assert [(part.name, part.expected, part.found, part.readable) for part in summary.parts] == [
        ("train", 14_900, 7, 7),
        ("eval", 100, 3, 3),
    ]
    assert summary.unreadable == []
    assert {label: count for label, count in summary.shorter_sides.items() if count} == {
        "0-63": 9,
        "128-255": 1,
    }
    assert (summary.smallest, summary.largest) == ((64, 48), (300, 200))
    assert (summary.duplicate_groups, summary.duplicates, summary.groups_across_parts) == (1, 2, 1)

    written = json.loads((tmp_path / "lists" / "summary.json").read_text("utf-8"))
    assert written["parts"][1] == {
        "name": "eval",
        "expected": 100,
        "found": 3,
        "readable": 3,
        "list": "eval.flist",
        "looked_for": [],
    }
    with (tmp_path / "lists" / "near_duplicates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["group"], row["part"], Path(row["file"]).name) for row in rows] == [
        ("1", "train", "leak.png"),
        ("1", "eval", "002_im.png"),
    ]


def test_what_celeba_s_list_names_and_is_not_there_is_told(tmp_path: Path) -> None:
    samples.celeba(tmp_path / "celeba")
    (tmp_path / "celeba" / "img_align_celeba" / "000005.jpg").unlink()
    summary = prepare_dataset(find_parts("celeba", tmp_path / "celeba"), tmp_path / "lists")
    assert [(file.name, reason) for file, reason in summary.unreadable] == [("000005.jpg", "is missing")]
    assert [part.readable for part in summary.parts] == [3, 2, 3]


def test_nothing_is_decoded_where_a_list_is_in_the_way(tmp_path: Path) -> None:
    parts = find_parts("places2", samples.places2(tmp_path / "places"))
    prepare_dataset(parts, tmp_path / "lists")
    (tmp_path / "lists" / "train.flist").unlink()
    seen: list[None] = []
    with pytest.raises(InputError, match=r"val\.flist exists already"):
        prepare_dataset(parts, tmp_path / "lists", on_picture=lambda: seen.append(None))
    assert seen == []
    prepare_dataset(parts, tmp_path / "lists", overwrite=True)


def test_a_part_without_a_readable_picture_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    with pytest.raises(InputError, match="got 1 files of which none can be read"):
        prepare_dataset(find_parts("folder", tmp_path / "photos"), tmp_path / "lists")


def test_a_deep_picture_is_listed_where_it_can_be_read_and_named_where_not(tmp_path: Path) -> None:
    good = samples.save(samples.photograph(0), tmp_path / "photos" / "a.png")
    deep = tmp_path / "photos" / "deep.png"
    Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64)).save(deep)
    try:
        read_rgb(deep)
        readable = True
    except InputError:
        readable = False
    summary = prepare_dataset(find_parts("folder", tmp_path / "photos"), tmp_path / "lists")
    assert list_pictures(tmp_path / "lists" / "pictures.flist") == ([good, deep] if readable else [good])
    assert [file for file, _ in summary.unreadable] == ([] if readable else [deep])


def test_a_name_that_no_list_can_hold_costs_only_its_own_picture(tmp_path: Path) -> None:
    good = samples.save(samples.photograph(0), tmp_path / "photos" / "a.png")
    samples.save(samples.photograph(1), tmp_path / "photos" / "two\nlines.png")
    summary = prepare_dataset(find_parts("folder", tmp_path / "photos"), tmp_path / "lists")
    assert list_pictures(tmp_path / "lists" / "pictures.flist") == [good]
    ((file, reason),) = summary.unreadable
    assert file.name == "two\nlines.png"
    assert "rename it" in reason


def test_a_part_that_is_not_there_is_told_and_its_old_list_goes(tmp_path: Path) -> None:
    places = samples.places2(tmp_path / "places")
    prepare_dataset(find_parts("places2", places), tmp_path / "lists")
    (places / "places365_standard" / "val").rename(tmp_path / "away")
    summary = prepare_dataset(find_parts("places2", places), tmp_path / "lists", overwrite=True)
    assert [(part.name, part.found, part.list is None) for part in summary.parts] == [
        ("train", 3, False),
        ("val", 0, True),
    ]
    assert not (tmp_path / "lists" / "val.flist").exists()
    written = json.loads((tmp_path / "lists" / "summary.json").read_text("utf-8"))
    assert written["parts"][1]["list"] is None
    assert "val_256" in written["parts"][1]["looked_for"]

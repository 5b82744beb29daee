from __future__ import annotations

from pathlib import Path

import pytest

from splpaint.datasets.layouts import find_parts
from splpaint.errors import InputError
from tests import dataset_samples as samples


def _found(name: str, path: Path) -> dict[str, list[str]]:
    return {
        part.name: [file.relative_to(path).as_posix() for file in part.files]
        for part in find_parts(name, path)
    }


def test_paris_is_found_without_its_corrupted_pictures(tmp_path: Path) -> None:
    found = _found("paris", samples.paris(tmp_path, train=2, evaluation=2))
    assert found == {
        "train": [f"paris_train_original/{number:03}_49.38_2.43.JPG" for number in range(2)],
        "eval": ["paris_eval/paris_eval_gt/001_im.png", "paris_eval/paris_eval_gt/002_im.png"],
    }
    assert [part.expected for part in find_parts("paris", tmp_path)] == [14_900, 100]


def test_paris_under_other_names_is_found_too(tmp_path: Path) -> None:
    samples.save(samples.photograph(0), tmp_path / "train" / "a.jpg")
    assert _found("paris", tmp_path) == {"train": ["train/a.jpg"], "eval": []}


def test_a_part_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    samples.save(samples.photograph(0), tmp_path / "train" / "a.jpg")
    train, evaluation = find_parts("paris", tmp_path)
    assert train.looked_for == ()
    assert "paris_eval/paris_eval_gt" in evaluation.looked_for


def test_a_picture_of_celeba_in_two_parts_is_refused(tmp_path: Path) -> None:
    partition = samples.celeba(tmp_path) / "Eval" / "list_eval_partition.txt"
    partition.write_text(partition.read_text("utf-8") + "000001.jpg 2\n", "utf-8")
    with pytest.raises(
        InputError, match=r"line 10: expected each picture in one part, got 000001\.jpg in 0 and 2"
    ):
        find_parts("celeba", tmp_path)


@pytest.mark.parametrize(
    "places", [("places365_standard/train", "places365_standard/val"), ("data_256", "val_256")]
)
def test_places2_is_found_in_either_packing(places: tuple[str, str], tmp_path: Path) -> None:
    samples.save(samples.photograph(0), tmp_path / places[0] / "a" / "airfield" / "1.jpg")
    samples.save(samples.photograph(1), tmp_path / places[1] / "Places365_val_00000001.jpg")
    found = _found("places2", tmp_path)
    assert found == {
        "train": [f"{places[0]}/a/airfield/1.jpg"],
        "val": [f"{places[1]}/Places365_val_00000001.jpg"],
    }
    if places[0].startswith("places365"):
        assert list(_found("places2", tmp_path / "places365_standard")) == ["train", "val"]


def test_celeba_is_divided_by_its_list(tmp_path: Path) -> None:
    found = _found("celeba", samples.celeba(tmp_path))
    assert {name: [Path(file).stem for file in files] for name, files in found.items()} == {
        "train": ["000001", "000002", "000003"],
        "val": ["000004", "000005", "000006"],
        "test": ["000007", "000008", "000009"],
    }
    inside = find_parts("celeba", tmp_path / "img_align_celeba")
    assert [len(part.files) for part in inside] == [3, 3, 3]


def test_celeba_s_list_may_be_a_table_and_names_what_is_missing(tmp_path: Path) -> None:
    samples.celeba(tmp_path)
    listed = tmp_path / "Eval" / "list_eval_partition.txt"
    table = "image_id,partition\n" + listed.read_text("utf-8").replace(" ", ",")
    (tmp_path / "list_eval_partition.csv").write_text(table, "utf-8")
    listed.unlink()
    (tmp_path / "img_align_celeba" / "000005.jpg").unlink()
    parts = find_parts("celeba", tmp_path)
    assert [file.name for part in parts for file in part.missing] == ["000005.jpg"]
    (tmp_path / "list_eval_partition.csv").write_text("000001.jpg 3\n", "utf-8")
    with pytest.raises(InputError, match=r"line 1: expected a picture and 0, 1 or 2, got '000001\.jpg 3'"):
        find_parts("celeba", tmp_path)


def test_what_is_not_there_is_told_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"train: paris_train_original, paris_train, train; eval: paris_eval/"
    ):
        find_parts("paris", tmp_path)
    with pytest.raises(InputError, match=r"none of what was looked for \(train: train, data_256"):
        find_parts("places2", tmp_path)
    with pytest.raises(InputError, match="pictures directly in img_align_celeba"):
        find_parts("celeba", tmp_path)
    samples.save(samples.photograph(0), tmp_path / "img_align_celeba" / "000001.jpg")
    with pytest.raises(InputError, match=r"the partition: \./list_eval_partition\.txt"):
        find_parts("celeba", tmp_path)
    (tmp_path / "train").mkdir()
    with pytest.raises(InputError, match=r"got 0 pictures found in .*train \(looked for \.png"):
        find_parts("paris", tmp_path)


def test_unknown_names_and_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"expected a dataset \(celeba, folder, paris, places2\), got 'imagenet'"
    ):
        find_parts("imagenet", tmp_path)
    with pytest.raises(InputError, match=r"got 'Places'; did you mean places2\?"):
        find_parts("Places", tmp_path)
    with pytest.raises(InputError, match="which is no folder"):
        find_parts("paris", tmp_path / "gone")

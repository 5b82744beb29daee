from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from splpaint.evaluation import CallableMethod, evaluate, write_report
from splpaint.evaluation.pictures import shown_window
from splpaint.images import Hole, Pixels
from splpaint.pairs import iterate_manifest, load_pair
from splpaint.shares import Share
from tests.evaluation.conftest import GREY, MEAN, grey, mean_colour

METHODS = [MEAN, GREY]


def pixels(file: Path) -> Pixels:
    return np.asarray(Image.open(file))


def content(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


def test_pictures_are_what_was_measured(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, METHODS, output=tmp_path, pictures=6)
    write_report([tmp_path], tmp_path)
    index = json.loads((tmp_path / "pictures" / "index.json").read_text("utf-8"))
    assert index["methods"] == ["mean colour", "grey"]
    assert [pair["why"] for pair in index["pairs"]] == ["worst"] * 2 + ["best"] * 2 + ["spread"] * 2
    records = list(iterate_manifest(pairs))
    for pair in index["pairs"]:
        image, hole = load_pair(records[pair["number"] - 1], pairs.parent)
        folder = tmp_path / "pictures" / str(pair["number"])
        assert (pixels(folder / "truth.webp") == image).all()
        assert (pixels(folder / "1.webp") == mean_colour(image, hole)).all()
        assert (pixels(folder / "2.webp") == grey(image, hole)).all()
        damaged = pixels(folder / "damaged.webp")
        assert (damaged[..., 3] == np.where(hole, 0, 255)).all()
        assert (damaged[~hole][:, :3] == image[~hole]).all()


def test_the_worst_and_the_best_pairs_are_those_of_the_values(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, METHODS, measures=["psnr_hole"], output=tmp_path, pictures=6)
    write_report([tmp_path], tmp_path)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    psnr = {pair["number"]: pair["values"]["mean colour"]["psnr_hole"] for pair in report["pairs"]}
    ranked = sorted(psnr, key=psnr.__getitem__)
    index = json.loads((tmp_path / "pictures" / "index.json").read_text("utf-8"))
    assert [pair["number"] for pair in index["pairs"]][:4] == [*ranked[:2], *ranked[:-3:-1]]


def test_pictures_of_shards_are_those_of_one_process(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, METHODS, output=tmp_path / "whole", pictures=6)
    write_report([tmp_path / "whole"], tmp_path / "whole")
    for part in (1, 2, 3):
        evaluate(pairs, METHODS, output=tmp_path / f"{part}", share=Share(part, 3), pictures=6)
    write_report([tmp_path / f"{part}" for part in (1, 2, 3)], tmp_path / "merged")
    assert content(tmp_path / "merged" / "pictures") == content(tmp_path / "whole" / "pictures")


def test_pictures_that_are_there_are_not_painted_again(pairs: Path, tmp_path: Path) -> None:
    painted = []

    def paint(image: Pixels, hole: Hole) -> Pixels:
        painted.append(1)
        return grey(image, hole)

    counts = []
    for pictures in (6, 6, 9, 3):
        evaluate(pairs, [CallableMethod("grey", paint)], output=tmp_path, pictures=pictures)
        write_report([tmp_path], tmp_path)
        counts.append(len(painted))
        index = json.loads((tmp_path / "pictures" / "index.json").read_text("utf-8"))
        assert sorted(str(pair["number"]) for pair in index["pairs"]) == sorted(
            folder.name for folder in (tmp_path / "pictures").iterdir() if folder.is_dir()
        )
        assert len(index["pairs"]) == pictures
    assert counts[0] == counts[1] == 15 + 6
    assert counts[2] <= counts[1] + 9
    assert counts[3] <= counts[2] + 3


def test_no_pictures_are_kept_if_none_are_wanted(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, METHODS, output=tmp_path, pictures=6)
    write_report([tmp_path], tmp_path)
    evaluate(pairs, METHODS, output=tmp_path, pictures=0)
    write_report([tmp_path], tmp_path)
    assert not list((tmp_path / "pictures").iterdir())


def test_a_folder_of_that_name_with_other_files_stays_as_it_is(pairs: Path, tmp_path: Path) -> None:
    mine = tmp_path / "pictures" / "99" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("keep", "utf-8")
    for _ in range(2):
        evaluate(pairs, METHODS, output=tmp_path, pictures=3)
        write_report([tmp_path], tmp_path)
    assert mine.read_text("utf-8") == "keep"


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 29), st.integers(0, 29), st.integers(1, 30))
def test_a_window_shows_a_small_hole_and_what_is_around_it(
    height: int, width: int, y: int, x: int, most: int
) -> None:
    hole = np.zeros((height, width), np.bool_)
    hole[y % height, x % width] = True
    left, top, right, bottom = shown_window(hole, most)
    assert (width, height) >= (right - left, bottom - top) > (0, 0)
    if max(height, width) <= most:
        assert (left, top, right, bottom) == (0, 0, width, height)
    else:
        side = min(max(3, most // 4), most)
        assert (right - left, bottom - top) == (min(width, side), min(height, side))
    assert hole[top:bottom, left:right].any()


@pytest.mark.parametrize("place", [0, 500, 900])
def test_a_large_picture_is_shown_around_the_hole(place: int) -> None:
    hole = np.zeros((1000, 400), np.bool_)
    hole[place : place + 20, 100:130] = True
    hole[950, 399] = True
    left, top, right, bottom = shown_window(hole, 200)
    assert hole[top:bottom, left:right].sum() >= 600
    if place == 500:  # not at the edge
        assert top <= 480
        assert bottom >= 540

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.evaluation import CallableMethod, write_blind_sheet, write_preferences
from splpaint.evaluation.report.blind.key import BlindKey
from splpaint.notices import PictureWarning
from splpaint.pairs import iterate_manifest, load_pair
from tests.evaluation.conftest import GREY, MEAN, grey, mean_colour

METHODS = [MEAN, GREY, CallableMethod("grey again", grey)]
PAINTERS = {"mean colour": mean_colour, "grey": grey, "grey again": grey}
SIDE_PX, GAP_PX = 512, 8  # 64 pixels, enlarged eight times


@pytest.fixture(scope="module")
def sheet(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report's folder with a sheet of five pairs; not to be changed."""
    output = tmp_path_factory.mktemp("sheet")
    write_blind_sheet(pairs, METHODS, count=5, seed=3, output=output)
    return output


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_each_letter_shows_what_its_methods_painted(sheet: Path, pairs: Path) -> None:
    key = BlindKey.read(sheet / "blind-key.json")
    records = list(iterate_manifest(pairs))
    assert len(key.pairs) == 5
    for each in key.pairs:
        assert {tuple(methods) for methods in each.letters.values()} == {
            ("mean colour",),
            ("grey", "grey again"),
        }
        image, hole = load_pair(records[each.number - 1], pairs.parent)
        picture = Image.open(sheet / "blind" / f"{each.pair}.png")
        for column, methods in enumerate(each.letters.values(), start=1):
            left = column * (SIDE_PX + GAP_PX)
            panel = picture.crop((left, picture.height - SIDE_PX, left + SIDE_PX, picture.height))
            painted = Image.fromarray(PAINTERS[methods[0]](image, hole))
            wanted = painted.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
            assert np.array_equal(np.asarray(panel), np.asarray(wanted))


def test_pairs_show_different_photographs(sheet: Path) -> None:
    key = BlindKey.read(sheet / "blind-key.json")
    assert len({each.image_sha256 for each in key.pairs}) == 5


def test_what_viewers_get_names_no_method(sheet: Path) -> None:
    names = {path.name for path in (sheet / "blind").iterdir()}
    pictures = {f"{each.pair}.png" for each in BlindKey.read(sheet / "blind-key.json").pairs}
    assert names == pictures | {"answers.csv", "answer.html"}
    for name, content in files(sheet / "blind").items():
        assert b"grey" not in content, name


def test_the_page_knows_the_pairs_and_their_letters(sheet: Path) -> None:
    page = (sheet / "blind" / "answer.html").read_text("utf-8")
    found = re.search(r"const pairs = (.*);", page)
    assert found is not None
    key = BlindKey.read(sheet / "blind-key.json")
    assert json.loads(found[1]) == {each.pair: list(each.letters) for each in key.pairs}
    assert "http" not in page


def test_the_same_sheet_is_the_same_files_and_answers_stay(sheet: Path, pairs: Path, tmp_path: Path) -> None:
    write_blind_sheet(pairs, METHODS, count=5, seed=3, output=tmp_path)
    assert files(tmp_path) == files(sheet)
    answers = tmp_path / "blind" / "answers.csv"
    answers.write_text(answers.read_text("utf-8").replace("-01,", "-01,A"), "utf-8")
    before = files(tmp_path)
    write_blind_sheet(pairs, METHODS, count=5, seed=3, output=tmp_path)
    assert files(tmp_path) == before
    assert write_preferences([answers], tmp_path / "blind-key.json", tmp_path).undecided == 4


def test_another_sheet_does_not_replace_one(sheet: Path, pairs: Path) -> None:
    before = files(sheet)
    for changed in ({"seed": 4}, {"count": 4}, {"protocol": "spl-2021"}):
        with pytest.raises(InputError, match=r"expected no blind sheet in .* or the same one, got another"):
            write_blind_sheet(pairs, METHODS, **{"count": 5, "seed": 3, "output": sheet} | changed)  # type: ignore[arg-type]
    assert files(sheet) == before


def test_pairs_that_all_methods_paint_alike_are_passed_over(pairs: Path, tmp_path: Path) -> None:
    records = list(iterate_manifest(pairs))
    images = [load_pair(record, pairs.parent)[0].tobytes() for record in records]
    other = CallableMethod(
        "other", lambda image, hole: (mean_colour if image.tobytes() in images[:3] else grey)(image, hole)
    )
    with pytest.warns(PictureWarning, match="3 of 4 pairs are on the blind sheet"):
        key = write_blind_sheet(pairs, [GREY, other], count=4, output=tmp_path)
    assert sorted(each.number for each in key.pairs) == [1, 2, 3]


def test_too_many_pairs_and_too_few_methods_are_refused(pairs: Path, tmp_path: Path) -> None:
    for count in (0, 16):
        with pytest.raises(InputError, match=f"expected 1 to 15 pairs for a blind sheet, .*got {count}"):
            write_blind_sheet(pairs, METHODS, count=count, output=tmp_path)
    for methods in ([GREY], [GREY, GREY]):
        with pytest.raises(InputError, match="expected 2 to 26 methods of different names"):
            write_blind_sheet(pairs, methods, count=3, output=tmp_path)

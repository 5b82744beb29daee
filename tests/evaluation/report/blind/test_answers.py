from __future__ import annotations

from pathlib import Path

import pytest

from splpaint.errors import InputError
from splpaint.evaluation.report.blind.answers import read_answers, write_empty_answers
from tests.evaluation.report.blind.keys import key_of, pair

LETTERS = {"A": ["ours"], "B": ["same"], "C": ["telea"]}
KEY = key_of(*(pair(place, LETTERS) for place in (1, 2, 3)))


def answers(tmp_path: Path, text: str, encoding: str = "utf-8") -> dict[str, str]:
    (tmp_path / "answers.csv").write_text(text, encoding)
    found = read_answers(tmp_path / "answers.csv", KEY)
    return {name: "".join(sorted(letters)) for name, letters in found.items()}


def test_letters_are_read_in_any_case_order_and_spacing(tmp_path: Path) -> None:
    text = "pair,preferred\nf00d-03,\nf00d-01,a\n f00d-02 , C b \n"
    assert answers(tmp_path, text) == {"f00d-01": "A", "f00d-02": "BC", "f00d-03": ""}


def test_what_a_spreadsheet_writes_is_read(tmp_path: Path) -> None:
    text = "pair;preferred\r\nf00d-01;A\r\nf00d-02;\r\nf00d-03;B\r\n"
    assert answers(tmp_path, text, "utf-8-sig") == {"f00d-01": "A", "f00d-02": "", "f00d-03": "B"}


def test_an_empty_sheet_is_undecided(tmp_path: Path) -> None:
    write_empty_answers(KEY, tmp_path / "empty.csv")
    assert set(read_answers(tmp_path / "empty.csv", KEY).values()) == {frozenset()}
    with pytest.raises(InputError, match="exists already"):
        write_empty_answers(KEY, tmp_path / "empty.csv")


HEAD = "pair,preferred\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HEAD}f00d-01,A\nbeef-02,A\n", r"line 3: expected a pair of the sheet f00d, got 'beef-02'"),
        (f"{HEAD}f00d-01,A\nf00d-01,B\n", "line 3: expected one row for f00d-01"),
        (f"{HEAD}f00d-01,AD\n", r"line 2: expected letters of A, B, C or nothing for f00d-01, got 'D'"),
        (f"{HEAD}f00d-01,A/B\n", r"got '/'"),
        (f"{HEAD}f00d-01,A\n", r"expected 3 rows in .*answers.csv, got none for f00d-02, f00d-03; add them"),
        (f"{HEAD}f00d-01,A,B\n", r"line 2: expected a pair and letters, got 3 cells"),
        (f"{HEAD}\n", "line 2: expected a pair and letters, got 0 cells"),
        ("name,preferred\n", r"line 1: expected the header pair,preferred, got 'name,preferred'"),
        ("", "got none for f00d-01, f00d-02, f00d-03"),
        (f'{HEAD}"f00d-01,A\n', "expected answers"),
    ],
)
def test_what_does_not_fit_is_refused_and_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        answers(tmp_path, text)


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected answers"):
        answers(tmp_path, "pair,preferred\n", "utf-16")
    with pytest.raises(InputError, match=r"expected answers .*missing.csv"):
        read_answers(tmp_path / "missing.csv", KEY)

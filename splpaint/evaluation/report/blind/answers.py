"""``answers.csv``: which letters a viewer prefers, for each pair of a blind sheet; read strictly."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from splpaint.atomic_files import open_atomic
from splpaint.errors import InputError, did_you_mean
from splpaint.evaluation.report.blind.key import BlindKey
from splpaint.tables import write_table

__all__ = ["ANSWER_COLUMNS", "Answers", "read_answers", "write_empty_answers"]

Answers = Mapping[str, frozenset[str]]
"""Pair => the letters that are preferred, all alike; none: undecided."""

ANSWER_COLUMNS = ("pair", "preferred")
_NAMES_TOLD = 3


def write_empty_answers(key: BlindKey, path: Path) -> None:
    """Write the file that a viewer fills in.

    Raises:
        InputError: It is there already or cannot be written.
    """
    with open_atomic(path) as file:
        write_table(file, ANSWER_COLUMNS, ((pair.pair, "") for pair in key.pairs))


def read_answers(path: Path, key: BlindKey) -> Answers:
    """Read what a viewer has filled in.

    Args:
        path: CSV in UTF-8, with commas or, as some spreadsheets write it, semicolons. Letters may be small and stand
            with or without spaces between them; rows may stand in any order.
        key: Of the sheet.

    Raises:
        InputError: The file cannot be read; a pair is unknown, missing or there twice; a letter is not in its picture.
    """
    letters = {pair.pair: frozenset(pair.letters) for pair in key.pairs}
    answers: dict[str, frozenset[str]] = {}
    for where, pair, preferred in _rows(path):
        if pair not in letters:
            raise InputError(
                f"{where}: expected a pair of the sheet {key.sheet}, got {pair!r}{did_you_mean(pair, letters)}"
            )
        if pair in answers:
            raise InputError(f"{where}: expected one row for {pair}, got another; keep one")
        answers[pair] = frozenset(preferred.upper()) - {" "}
        if unknown := "".join(sorted(answers[pair] - letters[pair])):
            raise InputError(
                f"{where}: expected letters of {', '.join(sorted(letters[pair]))} or nothing for {pair}, got "
                f"{unknown!r}; write the letters that stand above the pictures you prefer"
            )
    if missing := [pair for pair in letters if pair not in answers]:
        more = f" and {len(missing) - _NAMES_TOLD} more" if len(missing) > _NAMES_TOLD else ""
        raise InputError(
            f"expected {len(letters)} rows in {path}, got none for {', '.join(missing[:_NAMES_TOLD])}{more}; add them, "
            "with nothing for what is undecided"
        )
    return answers


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    """Where a row stands, its pair, and what is preferred."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = ";" if ";" in file.readline() else ","
            file.seek(0)
            rows = csv.reader(file, delimiter=delimiter, strict=True)
            for place, row in enumerate(rows):
                where = f"{path}, line {rows.line_num}"
                cells = [cell.strip() for cell in row]
                if place == 0 and cells != list(ANSWER_COLUMNS):
                    raise InputError(
                        f"{where}: expected the header {','.join(ANSWER_COLUMNS)}, got {delimiter.join(row)[:200]!r}; "
                        "start from the sheet's answers.csv"
                    )
                if len(cells) != len(ANSWER_COLUMNS):
                    raise InputError(
                        f"{where}: expected a pair and letters, got {len(cells)} cells; correct it"
                    )
                if place:
                    yield where, *cells  # type: ignore[misc]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"expected answers (CSV, UTF-8), got {path} ({error}); check the file") from error

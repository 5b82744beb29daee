"""``blind.json`` and ``blind.md``: the answers to a blind sheet, counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from splpaint.atomic_files import open_atomic
from splpaint.evaluation.report.blind.answers import read_answers
from splpaint.evaluation.report.blind.key import BlindKey
from splpaint.evaluation.report.blind.preferences import (
    Contest,
    Preference,
    Preferences,
    count_preferences,
)
from splpaint.evaluation.report.markdown import markdown_table, plain_markdown
from splpaint.evaluation.report.notation import share_with_interval

__all__ = ["PREFERENCES_FILE", "preference_table", "write_preferences"]

PREFERENCES_FILE = "blind.json"

_CONTEST_HEAD = ("first", "second", "first preferred", "second preferred", "undecided", "share of the first")


def write_preferences(answers: Sequence[Path], key: Path, output: Path) -> Preferences:
    """Count the answers of viewers, and write what they prefer.

    Args:
        answers: A file for each viewer.
        key: Of the sheet that they have answered.
        output: The folder; files of an older count in it are replaced.

    Raises:
        InputError: A file cannot be read or written, or does not belong to the sheet.
    """
    known = BlindKey.read(key)
    found = count_preferences(known, [read_answers(path, known) for path in answers])
    with open_atomic(output / PREFERENCES_FILE, overwrite=True) as file:
        file.write(found.model_dump_json(indent=1) + "\n")
    with open_atomic(output / "blind.md", overwrite=True) as file:
        file.writelines(f"{line}\n" for line in _lines(found))
    return found


def preference_table(found: Preferences) -> Table:
    """The methods' shares, for a terminal."""
    table = Table(title=_counts(found), title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("method")
    table.add_column("preferred", justify="right")
    for method, preference in found.methods.items():
        table.add_row(Text(method), Text(_written(preference)))
    return table


def _lines(found: Preferences) -> Iterator[str]:
    methods = ([plain_markdown(name), _written(each)] for name, each in found.methods.items())
    yield "# Blind preferences"
    yield ""
    yield f"- {_counts(found)}"
    yield f"- sheet {found.sheet} by the protocol {found.protocol}"
    yield f"- SHA-256 of the manifest: `{found.manifest_sha256}`"
    yield ""
    yield "Brackets hold Wilson's 95 % intervals, with as many trials as there are photographs."
    yield ""
    yield from markdown_table(("method", "preferred"), methods)
    yield ""
    yield from markdown_table(_CONTEST_HEAD, map(_contest, found.contests))


def _counts(found: Preferences) -> str:
    return (
        f"viewers: {found.viewers}, pairs: {found.pairs}, photographs: {found.photographs}, "
        f"undecided answers: {found.undecided}"
    )


def _contest(each: Contest) -> list[str]:
    names = [plain_markdown(name) for name in (each.first, each.second)]
    counts = map(str, (each.first_preferred, each.second_preferred, each.undecided))
    return [*names, *counts, _written(each)]


def _written(part: Preference | Contest) -> str:
    return share_with_interval(part.share, part.low, part.high)

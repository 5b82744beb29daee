"""The command line as a whole: what all commands have in common."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from splpaint.cli.app import app
from splpaint.cli.convert import convert
from splpaint.errors import InputError
from tests.cli.commands import COMMANDS

WRITING = {
    *(
        "runs show",
        "paint",
        "explain",
        "export",
        "convert",
        "evaluate",
        "data prepare",
        "data flist",
        "data shard",
    ),
    *("masks make", "masks bin", "masks show", "pairs make", "pairs import", "pairs export", "pairs render"),
}


def test_every_command_that_writes_one_thing_takes_output_in_the_same_spellings() -> None:
    spellings = {
        name: {
            tuple(option.opts) for option in command.params if {"-o", "--output", "--out"} & {*option.opts}
        }
        for name, command in COMMANDS.items()
    }
    assert {name: found for name, found in spellings.items() if found} == {
        name: {("--output", "-o")} for name in WRITING
    }


@pytest.mark.parametrize("name", sorted(WRITING))
def test_the_older_spelling_of_output_works_and_is_shown_nowhere(name: str) -> None:
    helped = CliRunner().invoke(app, [*name.split(), "--help"], terminal_width=200)
    assert "--output" in helped.output
    assert not re.search(r"--out\b", helped.output)
    for spelling in ("--out", "--output"):  # each lacks its value, and so is known
        refused = CliRunner().invoke(app, [*name.split(), spelling])
        assert refused.exit_code == 2
        assert "Option '--output' requires an argument" in refused.output


def test_convert_takes_its_folder_in_one_place(tmp_path: Path) -> None:
    checkpoint, one, other = (tmp_path / name for name in ("checkpoint.pt", "one", "other"))
    with pytest.raises(InputError, match="expected a folder to write, got none; pass --output FOLDER"):
        convert(checkpoint)
    with pytest.raises(InputError, match=r"expected one folder to write, got .*one and .*other"):
        convert(checkpoint, one, other)


def test_what_paints_is_chosen_by_the_same_options_everywhere() -> None:
    shared = {"model", "device", "precision"}
    told = [
        {
            option.name: (tuple(option.opts), option.help, option.default)
            for option in COMMANDS[name].params
            if option.name in shared
        }
        for name in ("paint", "doctor")
    ]
    assert told[0] == told[1]
    assert told[0].keys() == shared

"""The command line as a whole: what all commands have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from splpaint.cli.convert import convert
from splpaint.errors import InputError
from tests.cli.commands import COMMANDS

WRITING = {
    *("paint", "export", "convert", "data prepare", "data flist", "data shard"),
    *("masks make", "masks bin", "masks show", "pairs make", "pairs import", "pairs export"),
}


def test_every_command_that_writes_one_thing_takes_output_in_the_same_spellings() -> None:
    spellings = {
        name: {
            tuple(option.opts) for option in command.params if {"-o", "--output", "--out"} & {*option.opts}
        }
        for name, command in COMMANDS.items()
    }
    assert {name: found for name, found in spellings.items() if found} == {
        name: {("--output", "-o", "--out")} for name in WRITING
    }


def test_convert_takes_its_folder_in_one_place(tmp_path: Path) -> None:
    checkpoint, one, other = (tmp_path / name for name in ("checkpoint.pt", "one", "other"))
    with pytest.raises(InputError, match="expected a folder to write, got none; pass --output FOLDER"):
        convert(checkpoint)
    with pytest.raises(InputError, match=r"expected one folder to write, got .*one and .*other"):
        convert(checkpoint, one, other)

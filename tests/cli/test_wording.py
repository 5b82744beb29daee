"""Messages in the words of the command line: every parameter that the package names has its option."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import splpaint
from splpaint.atomic_files import require_free
from splpaint.cli.terminal import OPTIONS, in_options
from splpaint.errors import InputError
from tests.cli.commands import COMMANDS

ROOT = Path(splpaint.__file__).parent
PARAMETER = re.compile(r"`(?:[A-Z]\w+\.)?(\w+)(?:`|=)")
FILLED_IN = {"any_ratio", "polarity"}  # by masks/collections.py
NO_PARAMETERS = {"irregular"}


def _messages() -> Iterator[str]:
    """The text of all strings outside the commands, with a word in place of what is filled in."""
    for file in ROOT.rglob("*.py"):
        if "cli" not in file.relative_to(ROOT).parts:
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value.replace("``", "")


def test_every_parameter_that_a_message_names_has_an_option() -> None:
    named = {name for message in _messages() for name in PARAMETER.findall(message)} - NO_PARAMETERS
    assert named | FILLED_IN == {parameter.partition("=")[0] for parameter in OPTIONS}


def test_every_option_is_one_of_a_command() -> None:
    there = {
        spelling for command in COMMANDS.values() for option in command.params for spelling in option.opts
    }
    assert {option.split()[0] for option in OPTIONS.values()} <= there


@pytest.mark.parametrize(
    ("message", "worded"),
    [
        ("choose another name or pass `overwrite=True`", "choose another name or pass --overwrite"),
        ("`boxes` must lie inside", "--box must lie inside"),
        ("`Transparency` needs a picture", "--mask alpha needs a picture"),
        ("`shard=3/4` must hold pictures", "--shard 3/4 must hold pictures"),
        ('`device="cuda", "mps"`', "--device cuda, mps"),
        ("pass `resize=True` to scale it", "pass --resize-mask to scale it"),
        ('`view="whole"` and `resize="area"`', "--view whole and --resize area"),
        ("invert the mask (`HoleRules.invert`)", "invert the mask (--invert-mask)"),
        ("say `data.mask_polarity=white-known`", "say `data.mask_polarity=white-known`"),
        ("take `irregular`, see `splpaint doctor`", "take `irregular`, see `splpaint doctor`"),
        ("overwrite=True.png exists already", "overwrite=True.png exists already"),
    ],
)
def test_parameters_in_backquotes_become_options(message: str, worded: str) -> None:
    assert in_options(message) == worded


@pytest.mark.parametrize("code", ["\n", "\r", "\x1b[2J", "\x9b", "\u2028"])
def test_what_a_terminal_would_obey_is_written_out(code: str) -> None:
    assert in_options(f"a.png has wrong checksums in i{code}CP: é 写") == (
        f"a.png has wrong checksums in i{ascii(code)[1:-1]}CP: é 写"
    )


def test_an_error_names_the_parameter_and_the_command_its_option() -> None:
    with pytest.raises(InputError, match=r"or pass `overwrite=True`$") as refused:
        require_free(Path(__file__), overwrite=False)
    assert in_options(str(refused.value)).endswith(
        "test_wording.py exists already; choose another name or pass --overwrite"
    )

"""Paths on the command line. An empty one, which Python takes for the current folder, is refused."""

from __future__ import annotations

import os
from pathlib import Path

import typer

__all__ = ["OUTPUT", "parse_path", "parse_text", "present_spelling"]

OUTPUT = ("--output", "-o")
"""The spellings of the option that says where a command writes."""

_OLDER_SPELLINGS = {"out": "output"}


def present_spelling(name: str) -> str:
    """The name of an option, without its hyphens, for an older one that still works but is not shown."""
    return _OLDER_SPELLINGS.get(name, name)


def parse_text(text: str) -> str:
    """Parse the name of a file, or a word instead of one."""
    if not text:
        raise typer.BadParameter("it must name a file or folder, got an empty name; is a variable not set?")
    try:
        os.fsencode(text)
    except UnicodeEncodeError as error:
        raise typer.BadParameter("it must name a file or folder, got what no file can be called") from error
    return text


def parse_path(text: str) -> Path:
    """Parse the path of a file or folder."""
    return Path(parse_text(text))

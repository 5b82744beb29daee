"""Standard output: what goes wrong there is an error that names it, not the input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import typer

from splpaint.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["PIPE", "close_stdout", "say", "say_table", "write_stdout"]

PIPE = "-"
"""Stands for stdin or stdout instead of a file's name."""


def say(line: str, *, err: bool = False) -> None:
    """Print a line on stdout, or on stderr.

    Raises:
        InputError: It cannot be written, for example to a full disk.
    """
    with _blaming("stderr" if err else "stdout"):
        typer.echo(line, err=err)


def say_table(table: Table) -> None:
    """Print a table on stdout, as wide as the terminal is.

    Raises:
        InputError: It cannot be written, for example to a full disk.
    """
    from rich.console import Console

    console = Console()
    with console.capture() as captured:
        console.print(table)
    say(captured.get().removesuffix("\n"))


def write_stdout(data: bytes) -> None:
    """Write the bytes of a file to stdout.

    Raises:
        InputError: It cannot be written, for example to a full disk.
    """
    with _blaming("stdout"):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def close_stdout() -> None:
    """Drop what could not be written: otherwise Python tries again at its end, and the exit code becomes 120."""
    with suppress(OSError):  # a stdout that is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _blaming(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # the reader has closed it: no error of ours
        raise
    except OSError as error:
        if name == "stdout":
            close_stdout()
        raise InputError(
            f"{name} cannot be written ({error.strerror or error}); make room, or send it elsewhere"
        ) from error

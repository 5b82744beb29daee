"""Standard output: what goes wrong there is an error that names it, and not the input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer

from splpaint.errors import InputError

__all__ = ["PIPE", "close_stdout", "say", "write_stdout"]

PIPE = "-"
"""Instead of a file's name: stdin or stdout."""


def say(line: str, *, err: bool = False) -> None:
    """Print a line on stdout, or on stderr.

    Raises:
        InputError: It cannot be written, for example to a full disk.
    """
    with _blamed("stderr" if err else "stdout"):
        typer.echo(line, err=err)


def write_stdout(data: bytes) -> None:
    """Write a file's content.

    Raises:
        InputError: As ``say``.
    """
    with _blamed("stdout"):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def close_stdout() -> None:
    """Let go of what could not be written: else Python tries again at its end, and makes 120 of the exit code."""
    with suppress(OSError):  # one that is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _blamed(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # the reader had enough: no error of ours
        raise
    except OSError as error:
        if name == "stdout":
            close_stdout()
        raise InputError(
            f"{name} cannot be written ({error.strerror or error}); make room, or send it elsewhere"
        ) from error

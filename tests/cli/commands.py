"""The commands: as they are registered, by name (``masks make``), and as they run."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from unittest import mock

import typer

from splpaint.cli import app

__all__ = ["COMMANDS", "splpaint"]


def _all(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        yield f"{path}{name}", command
        yield from _all(command, f"{path}{name} ")


app._register()
COMMANDS: dict[str, Any] = dict(_all(typer.main.get_command(app.app)))


def splpaint(*arguments: object, cwd: Path | None = None) -> CompletedProcess[str]:
    """What the program does with these arguments, without a process of its own, which would import everything anew."""
    command = ["splpaint", *map(str, arguments)]
    code, out, err = 0, io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", command),
        mock.patch.object(app, "_register"),  # done, above
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            app.main()
        except SystemExit as end:
            code = int(end.code or 0)
    return CompletedProcess(command, code, out.getvalue(), err.getvalue())

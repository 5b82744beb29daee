"""The commands as they are registered, by name: ``masks make``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from splpaint.cli import app

__all__ = ["COMMANDS"]


def _all(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        yield f"{path}{name}", command
        yield from _all(command, f"{path}{name} ")


app._register()
COMMANDS: dict[str, Any] = dict(_all(typer.main.get_command(app.app)))

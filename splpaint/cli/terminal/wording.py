"""Messages of the package in the words of the command line."""

from __future__ import annotations

import re

__all__ = ["in_options"]

_PARAMETER = re.compile(r"\b([a-z]+(?:_[a-z]+)*)=True\b")


def in_options(message: str) -> str:
    """Name options where a message names parameters: ``--accept-damaged`` for ``accept_damaged=True``."""
    return _PARAMETER.sub(lambda found: "--" + found[1].replace("_", "-"), message)

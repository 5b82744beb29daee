"""Which precision was measured to be faster on a processor: what ``auto`` means where its abilities do not tell.

It is kept beside compiled networks (``cache.py``), by processor, its usable instruction sets and cores: home folders
may be shared between machines.
"""

from __future__ import annotations

import json
from pathlib import Path

from splpaint.atomic_files import write_atomic
from splpaint.cpu import usable_cores
from splpaint.inference.engines.cache import cache_folder
from splpaint.machine import processor
from splpaint.notices import tell
from splpaint.precision import Precision

__all__ = ["keep_measured_precision", "kept_precision"]

_FILE = "precision.json"


def kept_precision() -> Precision | None:
    """What was kept for this processor; None if nothing was, or if it cannot be read, which is told."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        return _kept(folder / _FILE).get(_key())
    except ValueError as error:
        tell(
            f"{folder / _FILE} must hold what was measured, got a damaged file ({error}): the precision auto is fp32; "
            "delete it, or let splpaint doctor measure again"
        )
        return None


def keep_measured_precision(precision: Precision) -> Path | None:
    """Keep a choice for this processor.

    Returns:
        The file; None without a cache folder.

    Raises:
        OSError: It cannot be written.
        InputError: The same.
    """
    folder = cache_folder()
    if folder is None:
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        choices = _kept(folder / _FILE)
    except ValueError:  # it was told, and ends here
        choices = {}
    choices[_key()] = precision
    write_atomic(folder / _FILE, (json.dumps(choices, indent=2) + "\n").encode())
    return folder / _FILE


def _kept(path: Path) -> dict[str, Precision]:
    # A ValueError says what is wrong with the file.
    try:
        choices = json.loads(path.read_text("utf-8"))
    except OSError:
        return {}
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(choices, dict) or not set(choices.values()) <= {"fp32", "bf16"}:
        raise ValueError("no precisions by processors")
    return choices


def _key() -> str:
    return f"{processor()}, {usable_cores()} cores"

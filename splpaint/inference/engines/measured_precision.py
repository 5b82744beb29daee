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
from splpaint.precision import Precision

__all__ = ["keep_measured_precision", "measured_precision"]

_FILE = "precision.json"


def measured_precision() -> Precision | None:
    """What was kept for this processor; None if nothing was, or it cannot be read."""
    folder = cache_folder()
    kept = _kept(folder / _FILE).get(_key()) if folder else None
    return kept if kept in ("fp32", "bf16") else None


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
    choices = _kept(folder / _FILE) | {_key(): precision}
    write_atomic(folder / _FILE, (json.dumps(choices, indent=2) + "\n").encode())
    return folder / _FILE


def _kept(path: Path) -> dict[str, Precision]:
    try:
        choices = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return choices if isinstance(choices, dict) else {}


def _key() -> str:
    return f"{processor()}, {usable_cores()} cores"

"""``log.jsonl``: what a run has written down on the way, a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from splpaint.errors import InputError

__all__ = ["BEST_BY", "COUNTERS", "LOG_FILE", "History", "read_history", "say_validation", "sum_up"]

LOG_FILE = "log.jsonl"
COUNTERS = ("step", "images", "seconds")
"""What every row has: optimiser steps, samples used, training time."""

BEST_BY = "val_psnr_in_hole"
"""The value by which the best model is chosen, dB."""

History = list[dict[str, float]]
"""Rows in the order of their steps: ``COUNTERS`` and values by name."""


def read_history(run: Path) -> History:
    """Read a run's log.

    A last line that was cut short, as by a full disk, is left out.

    Raises:
        InputError: There is no log, or it is something else.
    """
    path = run / LOG_FILE
    try:
        lines = path.read_text("utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"a run's folder holds {LOG_FILE} from its first 20 steps on, found none in {run}; check the path"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} must be a run's log, and cannot be read: {error}") from error
    rows: History = []
    for number, line in enumerate(lines, start=1):
        row = _row(line)
        if row is None:
            if number == len(lines):
                break
            raise InputError(
                f"line {number} of {path} must be a JSON object with {', '.join(COUNTERS)}, got {line[:60]!r}"
            )
        rows.append(row)
    return rows


def _row(line: str) -> dict[str, float] | None:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    if not isinstance(row, dict) or any(name not in row for name in COUNTERS):
        return None
    if any(not isinstance(value, int | float) for value in row.values()):
        return None
    return {str(name): value for name, value in row.items()}


def sum_up(history: History) -> list[str]:
    """A run in lines: how far it is, its losses, its last and its best validation."""
    if not history:
        return ["no step has been written down yet"]
    last = history[-1]
    lines = [f"step {last['step']:.0f}, {last['images']:.0f} images in {last['seconds'] / 3600:.2f} hours"]
    trained = [row for row in history if "total" in row]
    if trained:
        lines.append(f"losses: {_values(trained[-1])}")
    validated = [row for row in history if BEST_BY in row]
    if validated:
        best = max(validated, key=lambda row: row[BEST_BY])
        lines += [
            f"last validation: {say_validation(validated[-1])}",
            f"the best, after {best['images']:.0f} images: {say_validation(best)}",
        ]
    return lines


def say_validation(values: Mapping[str, float]) -> str:
    """The values of a validation by which the best model is chosen, and those of the bins."""
    bins = [
        f"{name.partition(' ')[2]} {value:.2f}"
        for name, value in values.items()
        if name.startswith(f"{BEST_BY} ")
    ]
    return f"PSNR in the hole {values[BEST_BY]:.2f} dB; by the hole's share: {', '.join(bins)}"


def _values(row: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in row.items() if name not in COUNTERS)

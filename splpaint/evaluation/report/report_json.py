"""``report.json``: everything an evaluation found, for programs; the same values give the same file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from splpaint.atomic_files import open_atomic
from splpaint.evaluation.records import PairResult
from splpaint.evaluation.summary import Summary

__all__ = ["write_report_json"]

_FORMAT = 1


def write_report_json(summary: Summary, results: Iterable[PairResult], path: Path) -> None:
    """Write a summary and every pair, the pairs one a line, as they come.

    Args:
        summary: Of the pairs.
        results: Them, in the manifest's order. A value that is not defined is written as null, and so is an infinite
            one: ``identical`` names those pairs.
        path: The file; one that is there is replaced.

    Raises:
        InputError: It cannot be written.
    """
    head = json.dumps({"format": _FORMAT} | summary.model_dump(mode="json"), indent=1, ensure_ascii=False)
    with open_atomic(path, overwrite=True) as file:
        file.write(head.removesuffix("\n}") + ',\n "pairs": [')
        for number, result in enumerate(results):
            file.write(",\n  " if number else "\n  ")
            file.write(json.dumps(_plain(result), ensure_ascii=False))
        file.write("\n ]\n}\n")


def _plain(result: PairResult) -> dict[str, object]:
    values = {
        method: {measure: value if abs(value) < float("inf") else None for measure, value in row.items()}
        for method, row in result.values.items()
    }
    return result._replace(values=values)._asdict()  # type: ignore[arg-type]

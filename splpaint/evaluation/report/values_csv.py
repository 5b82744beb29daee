"""``values.csv``: every value of every pair, one a line, for spreadsheets and programs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from splpaint.atomic_files import open_atomic
from splpaint.evaluation.records import PairResult
from splpaint.tables import write_table

__all__ = ["write_values_csv"]

_COLUMNS = ("pair", "name", "image", "mask", "bin", "ratio", "method", "measure", "value")


def write_values_csv(results: Iterable[PairResult], path: Path) -> None:
    """Write all values as they come.

    Args:
        results: The pairs, in the manifest's order. A value that is not defined is written as nothing, that of a pair
            painted exactly as the truth is as ``inf``.
        path: The file; one that is there is replaced.

    Raises:
        InputError: It cannot be written.
    """
    with open_atomic(path, overwrite=True) as file:
        write_table(file, _COLUMNS, (row for result in results for row in _rows(result)))


def _rows(result: PairResult) -> Iterator[tuple[object, ...]]:
    pair = (result.number, result.name, result.image, result.mask, result.bin, result.ratio)
    for method, row in result.values.items():
        for measure, value in row.items():
            yield *pair, method, measure, "" if math.isnan(value) else value

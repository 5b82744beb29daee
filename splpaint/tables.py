"""Tables that programs and spreadsheets read: CSV in UTF-8 with a line of column names, lines ended by LF."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

__all__ = ["write_table"]


def write_table(file: TextIO, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table, row by row as they come.

    Args:
        file: Opened so that line ends stay as written (``newline=""``), as ``open_atomic`` does.
        columns: The names of the columns.
        rows: A cell for each column.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)

"""The manifest of what was painted: a line for every picture, written whole when a run ends, however it ends.

It is a CSV file (UTF-8, LF) with the columns of ``Record``. The next run takes from it what it need not find out again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import NamedTuple

from splpaint.cluster.storage import find_file, write_file
from splpaint.errors import InputError
from splpaint.tables import write_table

__all__ = ["DONE", "MANIFEST", "Record", "read_records", "write_records"]

MANIFEST = "manifest.csv"
"""Its name in the output folder."""

DONE = ("painted", "kept")
"""The states of outputs that are there."""


class Record(NamedTuple):
    """One line.

    Attributes:
        input: The picture, by its whole path or URL.
        mask: Its mask, likewise; ``alpha``: the picture's own transparency; empty: boxes alone.
        output: The painted picture's path in the output folder.
        status: ``painted``; ``kept``: it was there already; ``missing``: the picture has no mask; ``failed``.
        error: Why it is missing or failed.
        notes: What else is to be known, separated by semicolons.
        bytes: The output's size; 0 without one.
        sha256: Its checksum; empty without one.
        seconds: From fetching the picture to having written the output; 0 for one that was kept.
        painter: Model, engine and precision; empty if nothing was painted.
    """

    input: str
    mask: str
    output: str
    status: str
    error: str = ""
    notes: str = ""
    bytes: int = 0
    sha256: str = ""
    seconds: float = 0
    painter: str = ""


def read_records(name: str) -> dict[str, Record]:
    """Read a manifest; without one there are no records.

    Returns:
        The records by their outputs.

    Raises:
        InputError: The file is no such manifest, so that it must not be replaced.
    """
    data = find_file(name)
    if data is None:
        return {}
    try:
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(header) != Record._fields:
            raise ValueError(f"columns {','.join(header)[:200]}")
        records = [Record(*row) for row in rows]  # type: ignore[arg-type]
        return {
            record.output: record._replace(bytes=int(record.bytes), seconds=float(record.seconds))
            for record in records
        }
    except (ValueError, TypeError, csv.Error) as error:
        raise InputError(
            f"{name} must be the manifest of an earlier run, which is replaced, got another file ({error}); move it "
            "away or choose another output folder"
        ) from error


def write_records(name: str, records: Iterable[Record]) -> None:
    """Write a manifest; one that is there is replaced.

    Raises:
        InputError: It cannot be written.
    """
    text = io.StringIO(newline="")
    write_table(text, Record._fields, records)
    write_file(name, text.getvalue().encode())

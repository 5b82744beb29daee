from __future__ import annotations

import csv
from pathlib import Path

from splpaint.atomic_files import open_atomic
from splpaint.tables import write_table


def test_a_table_is_read_back_as_it_was_written_whatever_stands_in_it(tmp_path: Path) -> None:
    rows = [("a, b.png", 'said "no"'), ("två\nlines", 3)]
    with open_atomic(tmp_path / "table.csv") as file:
        write_table(file, ("file", "reason"), iter(rows))
    assert (tmp_path / "table.csv").read_bytes().startswith(b'file,reason\n"a, b.png","said ""no"""\n')
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["file", "reason"], *([str(cell) for cell in row] for row in rows)]

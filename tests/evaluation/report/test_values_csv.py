from __future__ import annotations

import csv
import json
import math
from pathlib import Path

from splpaint.evaluation.records import PairResult
from splpaint.evaluation.report.values_csv import write_values_csv
from tests.evaluation.report.conftest import ODD_NAME


def test_every_value_of_the_report_stands_on_a_line_of_its_own(report: Path) -> None:
    pairs = json.loads((report / "report.json").read_text("utf-8"))["pairs"]
    with (report / "values.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = [
        (str(pair["number"]), pair["name"], pair["mask"], pair["bin"], method, measure, value)
        for pair in pairs
        for method, values in pair["values"].items()
        for measure, value in values.items()
    ]
    assert len(rows) == 15 * 3 * 4
    for row, (*labels, value) in zip(rows, wanted, strict=True):
        assert [row[name] for name in ("pair", "name", "mask", "bin", "method", "measure")] == labels
        assert float(row["value"]) == (math.inf if value is None else value)
    assert any(row["value"] == "inf" for row in rows if row["method"] == ODD_NAME)


def test_a_value_that_is_not_defined_is_an_empty_cell(tmp_path: Path) -> None:
    result = PairResult(1, "a", "a.png", "00", "box", "", 0.0, {"grey": {"grain": math.nan}})
    write_values_csv([result], tmp_path / "values.csv")
    assert (tmp_path / "values.csv").read_text("utf-8").splitlines()[1] == "1,a,a.png,box,,0.0,grey,grain,"

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.console import Console

from splpaint.evaluation import Summary, remarks, summary_table, write_report
from tests.evaluation.report.conftest import METHODS, ODD_NAME
from tests.evaluation.report.summaries import PSNR, SSIM, mean_in_csv, summary_of, with_fid


def shown(summary: Summary, width: int) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(summary_table(summary))
    return captured.get()


@pytest.fixture(scope="module")
def summary(report: Path, tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return write_report([report], tmp_path_factory.mktemp("again"))


def test_each_measure_has_a_line_of_means_above_one_of_intervals(report: Path, summary: Summary) -> None:
    lines = shown(summary, 120).splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("SSIM"))
    means = [round(mean_in_csv(report, method, "ssim"), 4) for method in METHODS]
    assert [float(word) for word in lines[place].split()[1:]] == means
    intervals = [tuple(map(float, re.findall(r"[\d.]+", word))) for word in lines[place + 1].split()[1:]]
    assert all(low <= mean <= high for mean, (low, high) in zip(means, intervals, strict=True))


def test_names_are_no_markup(summary: Summary) -> None:
    assert ODD_NAME in shown(summary, 120)


def test_four_methods_fit_a_terminal_of_eighty_columns() -> None:
    values: dict[str, float | None] = dict.fromkeys(("compact", "texture", "telea", "patchmatch"), 0.81234)
    summary = summary_of(values, SSIM, interval=(0.80123, 0.82345))
    summary = summary.model_copy(update={"measures": [SSIM] * 9})
    lines = [line.split() for line in shown(summary, 80).splitlines()]
    assert lines.count(["↑", *["[0.8012,0.8235]"] * 4]) == 9


def test_many_methods_go_down() -> None:
    lines = shown(summary_of({"a": 20.0, "b": 21.0, "c": 22.0}, PSNR), 60).splitlines()
    assert [line.split() for line in lines if line[:1] in set("abc")] == [
        ["a", "20.00"],
        ["b", "21.00"],
        ["c", "22.00"],
    ]


def test_measures_of_all_pairs_stand_beside_the_means() -> None:
    lines = shown(with_fid(summary_of({"a": 20.0, "b": 21.0}, PSNR), {"a": 3.25, "b": 4.5}), 60).splitlines()
    assert [line.split() for line in lines if line[:1] in set("ab")] == [
        ["a", "20.00", "3.2500"],
        ["b", "21.00", "4.5000"],
    ]


def test_what_the_means_do_not_hold_is_said(summary: Summary) -> None:
    (remark,) = remarks(summary)
    assert f"{len(summary.identical[ODD_NAME])} by {ODD_NAME}" in remark
    assert list(remarks(summary_of({"a": 20.0}, PSNR))) == []
    (remark,) = remarks(summary_of({"a": 20.0}, PSNR, left_out={"fid": "why", "u-ids": "why"}))
    assert remark.startswith("left out: fid, u-ids;")

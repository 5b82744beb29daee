from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

from markdown_it import MarkdownIt

from splpaint.evaluation import write_report
from splpaint.evaluation.report.markdown import write_markdown
from splpaint.evaluation.timing import MachineTiming, Timing
from tests.evaluation.report.conftest import MEASURES, METHODS, ODD_NAME
from tests.evaluation.report.summaries import PSNR, mean_in_csv, summary_of, with_fid

DIGITS = {"psnr_hole": 2, "ssim": 4, "mae": 2, "sharpness": 3}


def html_of(path: Path) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(path.read_text("utf-8")))


def tables(html: str) -> list[list[list[str]]]:
    """The cells of all tables, as a reader sees them; what is bold stands between stars."""
    found = []
    for table in re.findall(r"<table>(.*?)</table>", html, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
        found.append([[unescape(re.sub("</?strong>", "*", cell)) for cell in row] for row in cells])
    return found


def test_means_are_those_of_the_values_and_the_best_is_bold(report: Path) -> None:
    head, *rows = tables(html_of(report / "report.md"))[0]
    assert head == ["method", "PSNR in hole (dB) ↑", "SSIM ↑", "MAE (levels) ↓", "sharpness → 1"]
    means = {method: [mean_in_csv(report, method, measure) for measure in MEASURES] for method in METHODS}
    assert [row[0] for row in rows] == list(means)
    for row in rows:
        for cell, value, measure in zip(row[1:], means[row[0]], MEASURES, strict=True):
            assert cell.strip("*") == f"{value:.{DIGITS[measure]}f}"
    badness: list[Callable[[float], float]] = [
        float.__neg__,
        float.__neg__,
        float,
        lambda value: abs(value - 1),
    ]
    for column, bad in enumerate(badness):
        least = min(bad(values[column]) for values in means.values())
        bold = [name for name, *cells in rows if cells[column].startswith("*")]
        assert bold == [name for name, values in means.items() if bad(values[column]) == least]


def test_each_bin_has_a_row_of_means_with_intervals(report: Path) -> None:
    head, *rows = tables(html_of(report / "report.md"))[1]
    assert head == ["pairs", *METHODS]
    bins = [row for row in rows if row[0].startswith("hole ")]
    assert sum(int(row[0].split()[-1].strip("()")) for row in bins) == 15
    assert len(bins) >= 3
    for label, cell, *_ in bins:
        mean, low, high = map(float, re.findall(r"\d+\.\d+", cell))
        wanted = mean_in_csv(report, "mean colour", "psnr_hole", label.split()[1])
        assert mean == round(wanted, 2)
        assert low <= mean <= high


def test_the_first_method_is_compared_with_each_other_one(report: Path) -> None:
    head, *rows = tables(html_of(report / "report.md"))[2]
    assert head == ["mean colour against", "mean difference", "pairs won"]
    assert [row[0] for row in rows] == ["grey", ODD_NAME]
    wanted = mean_in_csv(report, "mean colour", "psnr_hole") - mean_in_csv(report, "grey", "psnr_hole")
    assert rows[0][1].split()[0] == f"{wanted:+.2f}"
    assert re.fullmatch(r"\d+ % \[\d+, \d+\]", rows[0][2])


def test_names_are_shown_as_they_are(report: Path) -> None:
    html = html_of(report / "report.md")
    assert "<b>" not in html
    text = unescape(re.sub(r"<[^>]*>", "", html))
    assert text.count(ODD_NAME) >= 6


def test_pairs_that_equal_the_truth_are_named_by_their_numbers(report: Path) -> None:
    numbers = json.loads((report / "report.json").read_text("utf-8"))["identical"][ODD_NAME]
    assert 0 < len(numbers) <= 10
    assert f": {', '.join(map(str, numbers))}\n" in (report / "report.md").read_text("utf-8")


def test_measures_of_all_pairs_are_columns_and_what_is_to_be_known_of_them_is_told(tmp_path: Path) -> None:
    summary = with_fid(summary_of({"a": 20.0, "b": 21.0}, PSNR), {"a": 3.25, "b": 4.5})
    write_markdown(summary, None, tmp_path / "report.md")
    head, *rows = tables(html_of(tmp_path / "report.md"))[0]
    assert head == ["method", "PSNR in hole (dB) ↑", "FID ↓"]
    assert rows == [["a", "20.00", "*3.2500*"], ["b", "*21.00*", "4.5000"]]
    assert "- FID ↓ (`fid`): Of 2,048 features. Few pairs." in (tmp_path / "report.md").read_text("utf-8")


def test_what_is_left_out_is_told_with_its_reason(tmp_path: Path) -> None:
    summary = summary_of({"a": 20.0}, PSNR, left_out={"fid": "1 pair; it needs 2,048"})
    write_markdown(summary, None, tmp_path / "report.md")
    assert "- fid: 1 pair; it needs 2,048" in (tmp_path / "report.md").read_text("utf-8")


def test_the_same_values_give_the_same_files(report: Path, tmp_path: Path) -> None:
    write_report([report], tmp_path)
    for name in ("report.md", "values.csv"):
        assert (tmp_path / name).read_bytes() == (report / name).read_bytes()


def test_times_stand_below_the_values_if_they_were_measured(tmp_path: Path) -> None:
    summary = summary_of({"a|b": 20.0}, PSNR)
    timing = MachineTiming("4 cores", {"a|b": Timing(0.25, 0.5, 20, 0.066, None)})
    write_markdown(summary, timing, tmp_path / "report.md")
    head, row = tables(html_of(tmp_path / "report.md"))[-1]
    assert head == ["method", "median (s)", "slowest (s)", "megapixels", "peak memory (MB)"]
    assert row == ["a|b", "0.250", "0.500", "0.066", "–"]
    assert "Machine: 4 cores." in (tmp_path / "report.md").read_text("utf-8")
    write_markdown(summary, None, tmp_path / "report.md")
    assert "Times" not in (tmp_path / "report.md").read_text("utf-8")

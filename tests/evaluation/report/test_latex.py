from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from splpaint.evaluation import write_report
from splpaint.evaluation.report.latex import escape_latex, write_latex
from tests.evaluation.report.conftest import MEASURES, ODD_NAME
from tests.evaluation.report.summaries import PSNR, mean_in_csv, summary_of, with_fid

CELL = re.compile(r"(?<!\\)&")


def tables(path: Path) -> list[list[list[str]]]:
    """The cells of all tables, heads first."""
    found = []
    for body in re.findall(r"\\toprule\n(.*?)\\bottomrule", path.read_text("utf-8"), re.DOTALL):
        lines = [line.removesuffix(r" \\") for line in body.splitlines() if line != r"\midrule"]
        found.append([[cell.strip() for cell in CELL.split(line)] for line in lines])
    return found


def test_means_are_those_of_the_values(report: Path) -> None:
    *heads, one, two, three = tables(report / "report.tex")[0]
    rows = [one, two, three]
    assert [head[1] for head in heads] == ["PSNR", "in hole", r"(dB) $\uparrow$"]
    assert [row[0] for row in rows] == ["{mean colour}", "{grey}", f"{{{escape_latex(ODD_NAME)}}}"]
    wanted = [
        f"{mean_in_csv(report, 'grey', name):.{digits}f}"
        for name, digits in zip(MEASURES, (2, 4, 2, 3), strict=True)
    ]
    assert [re.sub(r"\\textbf\{(.*)\}", r"\1", cell) for cell in rows[1][1:]] == wanted
    bold = [row[0] for row in rows if row[3].startswith(r"\textbf")]
    assert bold == [f"{{{escape_latex(ODD_NAME)}}}"]  # the truth for small holes: the least error


def test_every_row_has_a_cell_for_each_column(report: Path) -> None:
    text = (report / "report.tex").read_text("utf-8")
    columns = [len(found) for found in re.findall(r"\\begin\{tabular\}\{([lc]+)\}", text)]
    assert len(columns) == 1 + len(MEASURES) + 1
    for wanted, rows in zip(columns, tables(report / "report.tex"), strict=True):
        assert {len(row) for row in rows} == {wanted}


def test_captions_tell_protocol_and_count(report: Path) -> None:
    captions = re.findall(r"\\caption\{(.*)\}", (report / "report.tex").read_text("utf-8"))
    assert len(captions) == 6
    assert all("15 pairs of 5 photographs by the protocol clean" in caption for caption in captions)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_pdflatex_prints_all_tables(report: Path, tmp_path: Path) -> None:
    document = (
        r"\documentclass[twocolumn]{article}\usepackage{booktabs}\begin{document}"
        rf"\input{{{(report / 'report.tex').as_posix()}}}\end{{document}}"
    )
    (tmp_path / "paper.tex").write_text(document, "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "paper.pdf").stat().st_size > 10_000


def test_special_characters_are_escaped() -> None:
    assert escape_latex(r"50% & a_b") == r"50\% \& a\_b"
    assert escape_latex("\\~^") == r"\textbackslash{}\textasciitilde{}\textasciicircum{}"
    assert escape_latex("fp16--fast\nnew") == "fp16-{}-fast new"


def test_one_method_has_no_comparison_and_no_value_is_a_dash(tmp_path: Path) -> None:
    write_latex(summary_of({"a": None}, PSNR), tmp_path / "report.tex")
    assert [rows[-1 - (place > 0)] for place, rows in enumerate(tables(tmp_path / "report.tex"))] == [
        ["{a}", "--"],
        ["{a}", "--"],
    ]


def test_measures_of_all_pairs_are_columns_and_are_defined(tmp_path: Path) -> None:
    write_latex(with_fid(summary_of({"a": 20.0}, PSNR), {"a": 3.25}), tmp_path / "report.tex")
    assert tables(tmp_path / "report.tex")[0][-1] == ["{a}", "20.00", "3.2500"]
    assert "FID: Of 2,048 features." in (tmp_path / "report.tex").read_text("utf-8")


def test_the_same_values_give_the_same_file(report: Path, tmp_path: Path) -> None:
    write_report([report], tmp_path)
    assert (tmp_path / "report.tex").read_bytes() == (report / "report.tex").read_bytes()

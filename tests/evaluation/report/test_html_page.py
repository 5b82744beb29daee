from __future__ import annotations

import base64
import io
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from splpaint.errors import InputError, MissingExtraError
from splpaint.evaluation import evaluate, write_report
from splpaint.evaluation.report.html_page import write_html_page
from splpaint.evaluation.timing import MachineTiming, Timing
from tests.evaluation.conftest import GREY
from tests.evaluation.report.conftest import ODD_NAME
from tests.evaluation.report.summaries import PSNR, summary_of, with_fid

VOID = {"meta", "link", "img", "input"}


class Page(HTMLParser):
    """Tags with their attributes, and the text; refuses tags that are not closed in order."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(file.read_text("utf-8"))
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.text.append(data)

    def says(self) -> str:
        return " ".join(" ".join(self.text).split())


def test_the_page_asks_for_nothing_but_what_it_holds(report: Path) -> None:
    addresses = [
        value or ""
        for _, attributes in Page(report / "report.html").tags
        for name, value in attributes.items()
        if name in ("src", "href", "action", "srcset", "poster", "data")
    ]
    assert len(addresses) > 15
    assert all(address.startswith(("data:", "#")) for address in addresses)
    style = re.findall(r"url\(|@import", (report / "report.html").read_text("utf-8"))
    assert not style


def test_every_pair_that_is_kept_is_shown_by_every_method(report: Path) -> None:
    pictures = [attributes for tag, attributes in Page(report / "report.html").tags if tag == "img"]
    shown = [attributes for attributes in pictures if attributes.get("src")]
    assert [each["alt"] for each in shown] == ["damaged", "mean colour", "grey", ODD_NAME, "truth"] * 15
    for each in shown:
        content = base64.b64decode((each["src"] or "").removeprefix("data:image/webp;base64,"))
        assert Image.open(io.BytesIO(content)).size == (int(each["width"] or 0), int(each["height"] or 0))


def test_all_means_are_in_the_tables(report: Path) -> None:
    summary = write_report([report], report)
    cells = {
        attributes["data-value"]
        for _, attributes in Page(report / "report.html").tags
        if "data-value" in attributes
    }
    means = [mean.mean for group in summary.groups for row in group.means.values() for mean in row.values()]
    assert {str(mean) for mean in means if mean is not None} <= cells


def test_the_same_report_gives_the_same_page(report: Path) -> None:
    before = (report / "report.html").read_bytes()
    write_report([report], report)
    assert (report / "report.html").read_bytes() == before


def test_names_are_text(report: Path) -> None:
    page = Page(report / "report.html")
    assert ODD_NAME in page.says()
    assert "<b>*" not in (report / "report.html").read_text("utf-8")


def test_times_stand_beside_the_values_if_they_were_measured(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    times = {"a": Timing(0.25, 1.5, 20, 0.066, 381), "b": Timing(2.0, 3.0, 9, 0.066, None)}
    summary = summary_of({"a": 1.0, "b": 2.0}, PSNR)
    write_html_page(summary, [], MachineTiming("<an old machine>", times), path)
    assert "on <an old machine>. " in Page(path).says()
    assert "a 0.250 1.500 381 20 0.066 b 2.000 3.000 – 9 0.066" in Page(path).says()
    write_html_page(summary, [], None, path)
    assert "Times" not in Page(path).says()


def test_measures_of_all_pairs_are_columns_and_flagged(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_html_page(with_fid(summary_of({"a": 1.0, "b": 2.0}, PSNR), {"a": 12.5, "b": 9.25}), [], None, path)
    says = Page(path).says()
    assert "a 1.00 12.5000" in says
    assert "Of 2,048 features. few pairs." in says


def test_what_was_left_out_is_told_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    summary = summary_of({"a": 1.0}, PSNR, left_out={"fid": "needs <weights>"})
    write_html_page(summary, [], None, path)
    assert "fid : needs <weights>" in Page(path).says()


def test_a_report_without_pictures_and_with_one_method_is_a_page(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, [GREY], deep=False, output=tmp_path, pictures=0)
    write_report([tmp_path], tmp_path)
    says = Page(tmp_path / "report.html").says()
    assert "Means" in says
    assert "Pictures" not in says
    assert "Pair by pair" not in says


def test_damaged_times_are_refused(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, [GREY], measures=["mae"], output=tmp_path, pictures=0)
    (tmp_path / "timing.json").write_text('{"machine": "m"}', "utf-8")
    with pytest.raises(InputError, match=r"times of methods in .*timing\.json.*evaluate again"):
        write_report([tmp_path], tmp_path)


def test_a_missing_package_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"report\.html needs the module jinja2.*\[eval\]"):
        write_html_page(summary_of({"a": 1.0}, PSNR), [], None, tmp_path / "report.html")

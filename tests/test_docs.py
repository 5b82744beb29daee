"""What the pages say of the repository is there: files they link to or name, and every room of the package."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_architecture import FLOORS
from tests.test_architecture import ROOT as PACKAGE

ROOT = PACKAGE.parent
PAGES = sorted(
    page
    for folder in (".", "docs", "examples", "splpaint", "tests")
    for page in (ROOT / folder).glob("*.md" if folder == "." else "**/*.md")
)
LINK = re.compile(r"\]\(([^)\s#]+)")
NAMED = re.compile(r"`(?:python )?((?:benchmarks|docs|examples|scripts|splpaint|tests)/[\w./-]*\w)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_files_that_a_page_links_to_or_names_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    linked = [page.parent / link for link in LINK.findall(text) if "://" not in link]
    named = [ROOT / name for name in NAMED.findall(text)]
    assert [str(path) for path in linked + named if not path.exists()] == []


def test_contributing_shows_every_room_on_its_floor() -> None:
    rows = re.findall(r"^\| (\d) \| (.*) \|$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    shown = {int(number): set(re.findall(r"`(\w+)/?`", text)) for number, text in rows}
    for number, floor in enumerate(FLOORS):
        rooms = {room for room in floor if (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file()}
        assert rooms <= shown[number], f"floor {number}"
        assert {room for other, named in shown.items() if other != number for room in named} & rooms == set()

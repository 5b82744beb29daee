"""``answer.html`` as viewers use it, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from splpaint.evaluation import write_blind_sheet
from splpaint.evaluation.report.blind.answers import read_answers
from splpaint.evaluation.report.blind.key import BlindKey
from tests.browser import open_browser, open_page
from tests.evaluation.conftest import GREY, MEAN

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def key(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key of a sheet of three pairs with two letters."""
    output = tmp_path_factory.mktemp("sheet")
    write_blind_sheet(pairs, [MEAN, GREY], count=3, output=output)
    return output / "blind-key.json"


@pytest.fixture
def page(browser: Browser, key: Path) -> Iterator[Page]:
    folder = key.parent / "blind"
    settings = {"viewport": {"width": 1200, "height": 900}}
    with open_page(browser, folder / "answer.html", pictures=folder.glob("*.png"), **settings) as page:
        yield page


def saved(page: Page, key: Path, folder: Path) -> list[str]:
    """The letters that the saved file holds for each pair."""
    with page.expect_download() as download:
        page.get_by_role("button", name="save").click()
    assert download.value.suggested_filename == "answers.csv"
    download.value.save_as(folder / "answers.csv")
    return [
        "".join(sorted(letters))
        for letters in read_answers(folder / "answers.csv", BlindKey.read(key)).values()
    ]


def test_viewers_answer_by_keys(page: Page, key: Path, tmp_path: Path) -> None:
    for pressed in ("b", "Enter", "a", "b", "ArrowRight", "a", " "):
        page.keyboard.press(pressed)
    assert page.get_by_role("heading").inner_text().startswith("Pair 3 of 3")
    page.keyboard.press("ArrowRight")  # there is no fourth one
    assert saved(page, key, tmp_path) == ["B", "AB", ""]


def test_viewers_answer_by_buttons(page: Page, key: Path, tmp_path: Path) -> None:
    page.get_by_role("button", name="A", exact=True).click()
    assert page.get_by_role("button", name="A", exact=True).get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="next").click()
    page.get_by_role("button", name="B", exact=True).click()
    page.get_by_role("button", name="back").click()
    page.get_by_role("button", name="A", exact=True).click()  # taken back
    assert saved(page, key, tmp_path) == ["", "B", ""]


def test_every_pair_shows_its_picture(page: Page, key: Path) -> None:
    for place, pair in enumerate(BlindKey.read(key).pairs, start=1):
        picture = page.locator("#picture")
        assert picture.get_attribute("src") == f"{pair.pair}.png"
        page.wait_for_function(
            "picture => picture.complete && picture.naturalWidth > 0", arg=picture.element_handle()
        )
        assert f"Pair {place} of 3" in page.get_by_role("heading").inner_text()
        page.keyboard.press("Enter")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_page_is_accessible(browser: Browser, key: Path, colours: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    folder = key.parent / "blind"
    pictures = folder.glob("*.png")
    with open_page(browser, folder / "answer.html", pictures=pictures, color_scheme=colours) as page:
        page.keyboard.press("a")
        found = axe.run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []

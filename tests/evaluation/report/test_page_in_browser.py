"""``report.html`` as people use it, in Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from splpaint.evaluation import CallableMethod, evaluate, write_report
from splpaint.images import Hole, Pixels
from splpaint.pairs import list_pair_pictures, make_pairs, write_manifest
from tests.browser import open_browser, open_page
from tests.evaluation.conftest import MEAN, mean_colour, scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

TAG = f"<script>window.hacked = 1</script>{'_without_a_space' * 5}"
IMG = "</script><img src=x onerror='window.hacked = 1'>"
METHODS = ("mean colour", TAG, IMG)
MEASURES = ("psnr", "mae", "sharpness")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of 12 pairs of two kinds of masks, by methods whose names would like to be run."""
    root = tmp_path_factory.mktemp("page")
    (root / "photos").mkdir()
    for seed, name in enumerate(("arch", "bay & <b>boat", "cat's")):
        Image.fromarray(scene(seed)).save(root / "photos" / f"{name}.png")
    pictures = list_pair_pictures(str(root / "photos"))
    kinds = (
        make_pairs(pictures, masks=kind, seed=7, side_px=64, masks_per_image=2)
        for kind in ("irregular", "thin")
    )
    write_manifest(chain.from_iterable(kinds), root / "pairs.csv")
    methods = [
        MEAN,
        CallableMethod(TAG, partial(checked, 9)),
        CallableMethod(IMG, partial(checked_or_exact, 60)),
    ]
    evaluate(root / "pairs.csv", methods, measures=MEASURES, output=root)
    times = {"seconds": 0.1, "slowest_seconds": 0.2, "pairs": 9, "megapixels": 0.1, "peak_mb": None}
    timing = {"machine": TAG, "methods": dict.fromkeys(METHODS, times)}
    (root / "timing.json").write_text(json.dumps(timing), "utf-8")
    write_report([root], root)
    return root


@pytest.fixture(scope="module")
def values(report: Path) -> dict[str, Any]:
    """Pair => method => measure => value."""
    pairs = json.loads((report / "report.json").read_text("utf-8"))["pairs"]
    return {pair["name"]: pair["values"] for pair in pairs}


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    with open_page(browser, report / "report.html", viewport={"width": 1200, "height": 900}) as page:
        yield page


def checked(contrast: int, image: Pixels, hole: Hole) -> Pixels:
    """The mean colour, lighter in every other pixel."""
    every_other = np.indices(hole.shape).sum(axis=0) % 2 * hole
    lighter = mean_colour(image, hole) + every_other[..., None] * contrast
    return np.asarray(np.minimum(lighter, 255), dtype=np.uint8)


def checked_or_exact(contrast: int, image: Pixels, hole: Hole) -> Pixels:
    """The truth where the hole is small, so that its PSNR is infinite."""
    return image if hole.mean() < 0.1 else checked(contrast, image, hole)


def shown(page: Page) -> list[str]:
    """Names of the pairs in the gallery, in their order."""
    return page.locator("article:visible h3").all_inner_texts()


def rows(table: Locator) -> list[str]:
    return table.locator("tbody tr th:first-child").all_inner_texts()


def border_px(page: Page) -> float:
    """Where the border between two pictures is, from the left edge of them."""
    border, picture = (page.locator(id_).bounding_box() for id_ in ("#border", "#right"))
    assert border
    assert picture
    left: float = page.locator("#left").evaluate(
        "e => e.getBoundingClientRect().width * (1 - parseFloat(getComputedStyle(e).clipPath.split(' ')[1]) / 100)"
    )
    found = border["x"] + border["width"] / 2 - picture["x"]
    assert found == pytest.approx(left, abs=1)  # the border is where the left picture ends
    return found


def means_of(report: Path, measure: str) -> dict[str, float]:
    means = json.loads((report / "report.json").read_text("utf-8"))["groups"][0]["means"]
    return {method: row[measure]["mean"] for method, row in means.items()}


@pytest.mark.parametrize(("measure", "title"), [("psnr", "PSNR"), ("mae", "MAE"), ("sharpness", "sharpness")])
def test_a_click_on_a_column_puts_the_best_first_and_another_one_last(
    page: Page, report: Path, measure: str, title: str
) -> None:
    badness = {
        method: {"psnr": -mean, "mae": mean, "sharpness": abs(mean - 1)}[measure]
        for method, mean in means_of(report, measure).items()
    }
    wanted = sorted(badness, key=badness.__getitem__)
    table = page.locator("#means table:visible")
    column = table.get_by_role("button", name=title)
    column.click()
    assert rows(table) == wanted
    column.focus()
    page.keyboard.press("Enter")
    assert rows(table) == wanted[::-1]
    assert table.locator("th[aria-sort]").count() == 1


def test_rows_sort_by_name(page: Page) -> None:
    table = page.locator("#times table")
    table.get_by_role("button", name="method").click()
    assert rows(table) == [IMG, TAG, "mean colour"]
    table.get_by_role("button", name="peak memory").click()  # without any value the order stays
    assert rows(table) == [IMG, TAG, "mean colour"]


def test_one_table_is_seen_and_another_can_be_chosen(page: Page) -> None:
    tables = page.locator("#means table")
    assert tables.count() > 3
    assert page.locator("#means table:visible").count() == 1
    page.locator("#means select").select_option("masks: thin (6)")
    assert page.locator("#means table:visible").count() == 1
    assert page.get_by_role("region", name="Means, pairs: masks: thin (6)").is_visible()
    page.locator("#curves select").select_option("sharpness")
    assert page.get_by_role("img", name="sharpness over").is_visible()
    assert page.locator("#curves svg.curves:visible").count() == 1


def test_the_gallery_begins_with_the_worst_and_sorts_by_any_measure_and_method(
    page: Page, values: dict[str, Any]
) -> None:
    assert shown(page) == sorted(values, key=lambda name: values[name]["mean colour"]["psnr"])
    page.locator("#by").select_option("sharpness")
    page.locator("#of").select_option(TAG)
    page.locator("#first").select_option("best")
    assert shown(page) == sorted(values, key=lambda name: abs(values[name][TAG]["sharpness"] - 1))
    first = page.locator("article:visible").first
    name = first.locator("h3").inner_text()
    written = first.locator("figcaption small").all_inner_texts()
    assert written == [f"{values[name][method]['sharpness']:.3f}" for method in METHODS]


def test_pairs_that_were_painted_exactly_are_the_best(page: Page, values: dict[str, Any]) -> None:
    exact = {name for name, row in values.items() if row[IMG]["psnr"] is None}
    page.locator("#of").select_option(IMG)
    assert set(shown(page)[-len(exact) :]) == exact
    page.locator("#first").select_option("best")
    assert set(shown(page)[: len(exact)]) == exact
    assert 0 < len(exact) < len(values) / 2
    written = page.locator("article:visible").first.locator("figcaption small").all_inner_texts()
    assert written[METHODS.index(IMG)] == "exactly the truth"


def test_the_gallery_shows_what_is_asked_for(page: Page, report: Path) -> None:
    pairs = json.loads((report / "report.json").read_text("utf-8"))["pairs"]
    page.locator("#kind").select_option("thin")
    assert set(shown(page)) == {pair["name"] for pair in pairs if pair["mask"] == "thin"}
    assert page.locator("#count").inner_text() == "6 pairs"
    of_bin = next(pair["bin"] for pair in pairs if pair["mask"] == "thin" and pair["bin"])
    page.locator("#bin").select_option(of_bin)
    wanted = {pair["name"] for pair in pairs if (pair["mask"], pair["bin"]) == ("thin", of_bin)}
    assert set(shown(page)) == wanted


def test_two_pictures_lie_over_each_other_and_the_border_follows_the_mouse(page: Page) -> None:
    page.locator("article").nth(1).get_by_role("button", name=TAG).click()
    assert page.locator("#large").get_by_role("heading").inner_text() == shown(page)[1]
    pictures = page.locator("article").nth(1).locator("img")
    for side, layer in (("#left", 2), ("#right", 4)):
        assert page.locator(side).get_attribute("src") == pictures.nth(layer).get_attribute("src")
    box = page.locator("#right").bounding_box()
    assert box
    width = box["width"]
    assert border_px(page) == pytest.approx(width / 2, abs=1)
    page.mouse.move(box["x"] + width / 2, box["y"] + 50)
    page.mouse.down()
    for share in (0.25, 0.9, 0, 1):
        page.mouse.move(box["x"] + share * width, box["y"] + 50)
        assert border_px(page) == pytest.approx(share * width, abs=2)
    page.mouse.up()


def test_other_methods_can_be_chosen_in_the_large_view(page: Page, values: dict[str, Any]) -> None:
    page.locator("article").first.get_by_role("button", name="damaged").click()
    name = page.locator("#large-name").inner_text()
    page.locator("#right-of").select_option(IMG)
    page.locator("#left-of").select_option("mean colour")
    assert page.locator("#left-value").inner_text() == f"{values[name]['mean colour']['psnr']:.2f} dB"
    assert page.locator("#right-value").inner_text() == f"{values[name][IMG]['psnr']:.2f} dB"
    page.keyboard.press("Escape")
    assert not page.locator("#large").is_visible()


def test_the_large_view_is_driven_by_keys_alone(page: Page) -> None:
    names = shown(page)
    page.locator("article").first.get_by_role("button", name="mean colour").focus()
    page.keyboard.press("Enter")
    at_first = border_px(page)
    for key, moves in (("ArrowRight", 1), ("ArrowLeft", -1), ("ArrowLeft", -1)):
        before = border_px(page)
        page.keyboard.press(key)
        assert (border_px(page) - before) * moves > 1
    assert border_px(page) < at_first
    told = [page.locator("#large-name").inner_text()]
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
        told.append(page.locator("#large-name").inner_text())
    assert told == [names[place] for place in (0, 1, 2, 1, 0, -1)]
    page.keyboard.press("Escape")
    assert not page.locator("#large").is_visible()
    page.wait_for_function(
        "name => document.activeElement.closest('article')?.querySelector('h3').textContent === name",
        arg=names[-1],
    )


def test_other_pairs_are_those_that_the_filter_shows(page: Page) -> None:
    page.locator("#kind").select_option("thin")
    names = shown(page)
    page.locator("article:visible").last.locator("button").first.click()
    page.get_by_role("button", name="Next pair").click()
    assert page.locator("#large-name").inner_text() == names[0]


def test_the_border_follows_a_finger(browser: Browser, report: Path) -> None:
    settings: dict[str, Any] = {
        "viewport": {"width": 390, "height": 800},
        "has_touch": True,
        "is_mobile": True,
    }
    with open_page(browser, report / "report.html", **settings) as page:
        page.locator("article button").nth(1).tap()
        box = page.locator("#right").bounding_box()
        assert box
        page.touchscreen.tap(box["x"] + box["width"] / 4, box["y"] + 40)
        assert border_px(page) == pytest.approx(box["width"] / 4, abs=3)


def test_names_are_shown_and_not_run(page: Page) -> None:
    assert TAG in page.locator("h1").inner_text()
    assert IMG in page.locator("h1").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0


def test_only_the_script_of_the_page_may_run(browser: Browser, report: Path) -> None:
    # A second defence, should a name ever come through as it is.
    page = browser.new_page()
    page.goto((report / "report.html").as_uri())
    ran = """() => {
      const script = document.createElement("script");
      script.textContent = "window.hacked = 1";
      document.body.append(script);
      return window.hacked ?? "refused";
    }"""
    assert page.evaluate(ran) == "refused"
    page.close()


def test_every_mean_of_a_bin_is_a_point_of_its_curve(page: Page, report: Path) -> None:
    groups = json.loads((report / "report.json").read_text("utf-8"))["groups"]
    bins = [group for group in groups if group["by"] == "bin"]
    points = page.locator("#curves svg.curves:visible g > title").all_text_contents()
    means = [row["psnr"]["mean"] for group in bins for row in group["means"].values()]
    assert len(points) == sum(each is not None for each in means)
    mean = bins[0]["means"]["mean colour"]["psnr"]["mean"]
    assert points[0].startswith(f"mean colour, holes {bins[0]['label']}: {mean:.2f}")


def test_it_can_be_read_without_its_script(browser: Browser, report: Path) -> None:
    with open_page(browser, report / "report.html", java_script_enabled=False) as page:
        assert page.locator("table:visible").count() == page.locator("table").count()
        assert page.locator("article img:visible").count() == 12 * 5
        assert page.locator("#order").is_hidden()
        assert page.locator("#large").is_hidden()


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_the_page_is_never_wider_than_the_window(browser: Browser, report: Path, width: int) -> None:
    with open_page(browser, report / "report.html", viewport={"width": width, "height": 800}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("article button").first.click()
        box = page.locator("#large").bounding_box()
        assert box
        assert box["width"] <= width
        assert page.locator("#large").evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_everybody_can_use_it(browser: Browser, report: Path, colours: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with open_page(browser, report / "report.html", color_scheme=colours) as page:
        found = axe.run(page).response["violations"]
        page.locator("article button").first.click()
        found += axe.run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in serious] == []

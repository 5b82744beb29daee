"""The page without a mouse, without eyes, by touch, in light and dark, on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from tests.browser import open_site
from tests.serving.page.visitor import Visitor, pixels
from tests.serving.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1200, "height": 860}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}


def violations(page: Page, schemes: tuple[Scheme, ...]) -> list[str]:
    """What axe finds, at any level, in these colour schemes."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = []
    for scheme in schemes:
        page.emulate_media(
            color_scheme=scheme, reduced_motion="reduce"
        )  # colours do not fade while they are measured
        found += axe.run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize(
    ("device", "schemes"),
    [(DESKTOP, ("light", "dark")), (PHONE, ("light",))],  # whose colours are the same
    ids=["desktop", "phone"],
)
def test_axe_finds_nothing_wherever_one_is(
    browser: Browser, server: Running, kitten: Path, device: dict[str, Any], schemes: tuple[Scheme, ...]
) -> None:
    with open_site(browser, server.url, **device) as page:
        visitor = Visitor(page)
        page.get_by_role("heading", name="Remove things from photographs").wait_for()
        assert violations(page, schemes) == []
        visitor.open(kitten)
        visitor.box(60, 180, 120, 220)
        assert violations(page, schemes) == []
        visitor.run()
        visitor.press("Compare")
        assert violations(page, schemes) == []
        for name in ("Settings", "Help and shortcuts"):
            visitor.press(name)
            assert violations(page, schemes) == []
            page.keyboard.press("Escape")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_thing_is_removed_by_keys_alone(visitor: Visitor, kitten: Path) -> None:
    keys = visitor.page.keyboard
    visitor.open(kitten)
    visitor.page.locator("#stage:focus").wait_for()  # where the next key is meant
    keys.press("Enter")  # down in the middle
    visitor.hears("The brush is down")
    for _ in range(4):
        keys.press("ArrowRight")
    keys.press("Enter")
    visitor.hears("% of the picture is marked")
    keys.press("Control+Enter")
    visitor.hears("Done in")
    with visitor.page.expect_download() as download:
        keys.press("Control+s")
    changed = (pixels(kitten) != pixels(Path(download.value.path()))).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert abs(rows.mean() - 120) < 3
    assert columns.min() < 160 < columns.max()
    keys.press("c")
    keys.press("Shift+Tab")
    slider = visitor.page.get_by_role("slider", name="Before and after")
    slider.focus()
    keys.press("ArrowRight")
    assert slider.get_attribute("aria-valuenow") == "52"
    keys.press("Escape")
    slider.wait_for(state="hidden")


def test_every_control_is_reached_by_tab_and_every_tool_by_arrows(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    page = visitor.page
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.tool"))
    assert {"undo", "open", "download", "show-settings", "stage", "brush", "brush-size", "run"} <= reached
    page.locator("button[data-tool=brush]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("button[data-tool=box]").get_attribute("aria-pressed") == "true"


def test_letters_can_be_turned_off(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.page.keyboard.press("l")
    assert visitor.button("Lasso").get_attribute("aria-pressed") == "true"
    visitor.page.keyboard.press("?")
    visitor.page.get_by_label("Single letters are shortcuts").uncheck()
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("b")
    assert visitor.button("Lasso").get_attribute("aria-pressed") == "true"


class Fingers:
    """What fingers do."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def __call__(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_one_finger_paints_and_two_move_and_zoom(browser: Browser, server: Running, kitten: Path) -> None:
    with open_site(browser, server.url, **PHONE) as page:
        visitor = Visitor(page)
        visitor.open(kitten)
        x, y = visitor.on_screen((160, 120))
        touch = Fingers(page)
        touch("touchStart", (x, y))
        for step in range(1, 6):
            touch("touchMove", (x + 10 * step, y))
        touch("touchEnd")
        visitor.hears("% of the picture is marked")
        rows, columns = np.nonzero(visitor.mask())
        assert abs(rows.mean() - 120) < 2
        painted = visitor.mask()

        touch("touchStart", (x - 20, y))
        touch("touchStart", (x - 20, y), (x + 20, y))
        for step in range(1, 11):
            touch("touchMove", (x - 20 - 4 * step, y), (x + 20 + 4 * step, y))
        touch("touchEnd")
        np.testing.assert_array_equal(visitor.mask(), painted)  # the first finger left nothing
        touch("touchStart", (x, y - 90))
        touch("touchMove", (x + 2, y - 90))
        touch("touchEnd")
        visitor.hears("% of the picture is marked")
        rows, columns = np.nonzero(visitor.mask() & ~painted)
        scale = visitor.on_screen((1, 0))[0] - visitor.on_screen((0, 0))[0]
        assert abs(columns.mean() - 160) < 3  # the point between the fingers has stayed
        assert abs((120 - rows.mean()) * scale - 90 / 3) < 3  # and all is three times as large

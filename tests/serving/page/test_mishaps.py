"""What goes wrong, and what must not: errors in words, a way on, and work that is kept."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.browser import open_site
from tests.serving.page.visitor import PHOTOGRAPHS, Visitor, pixels
from tests.serving.running import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

_DROP = """([name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  return transfer;
}"""


def test_work_survives_a_reload(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.box(60, 180, 120, 220)
    visitor.run()
    visitor.box(20, 20, 60, 60)
    visitor.hears("% of the picture is marked")
    before, marked = visitor.saves()[1], visitor.mask()
    visitor.waits_until_kept(3)
    visitor.page.reload()
    visitor.hears("Your work on kitten.png is as you left it.")
    np.testing.assert_array_equal(visitor.mask(), marked)
    assert visitor.saves()[1] == before
    for _ in range(3):
        visitor.press("Undo")
    assert visitor.saves()[1] == kitten.read_bytes()
    visitor.press("Settings")
    visitor.press("Close the photograph and forget it")
    welcome = visitor.page.get_by_role("heading", name="Remove things from photographs")
    welcome.wait_for()
    visitor.page.reload()
    welcome.wait_for()


def test_the_example_is_one_press_away(visitor: Visitor) -> None:
    visitor.press("Try an example")
    visitor.hears("Paint over what should go")
    assert visitor.saves()[1] == (PHOTOGRAPHS / "cat.webp").read_bytes()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_photograph_may_be_dropped_or_pasted(visitor: Visitor, kitten: Path, way: str) -> None:
    file = ["kitten.png", "image/png", base64.b64encode(kitten.read_bytes()).decode()]
    transfer = visitor.page.evaluate_handle(_DROP, file)
    name = {"drop": "dataTransfer", "paste": "clipboardData"}[way]
    visitor.page.evaluate(
        "([way, name, it]) => dispatchEvent(new (way === 'drop' ? DragEvent : ClipboardEvent)(way, {[name]: it}))",
        [way, name, transfer],
    )
    visitor.hears("Paint over what should go")
    assert visitor.saves()[1] == kitten.read_bytes()


def test_what_is_no_photograph_is_refused_in_words(browser: Browser, server: Running, tmp_path: Path) -> None:
    (tmp_path / "letter.png").write_text("Dear all")
    with open_site(browser, server.url, refusals=[415]) as page:
        visitor = Visitor(page)
        page.set_input_files("#file", tmp_path / "letter.png")
        visitor.hears("letter.png cannot be opened: it is not a picture")
        assert page.locator("#status").get_attribute("data-kind") == "failed"
        assert visitor.button("Open a photograph").is_visible()


def test_a_format_that_the_server_does_not_take_is_refused_at_once(visitor: Visitor, tmp_path: Path) -> None:
    Image.new("P", (20, 20)).save(tmp_path / "moving.gif")
    visitor.page.set_input_files("#file", tmp_path / "moving.gif")
    visitor.hears("moving.gif is of another kind, gif. Open one of these, or convert it.")


def test_nothing_marked_is_said(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.button("Remove").click(force=True)
    visitor.hears("Nothing is marked yet")
    visitor.press("Invert the marks")
    visitor.press("Remove")
    visitor.hears("The whole picture is marked")
    visitor.button("Compare").click(force=True)
    visitor.hears("no result to compare")
    visitor.button("Redo").click(force=True)
    visitor.hears("nothing to do again")


def test_a_server_that_is_gone_is_told_and_the_work_kept(
    browser: Browser, kitten: Path, tmp_path: Path
) -> None:
    with running(folder=tmp_path / "server") as server, open_site(browser, server.url, refusals=[0]) as page:
        visitor = Visitor(page)
        visitor.open(kitten)
        visitor.box(60, 180, 120, 220)
        server.process.kill()
        server.process.wait()
        visitor.press("Remove")
        visitor.hears("The server cannot be reached")
        assert visitor.button("Try again").is_visible()
        assert visitor.mask().sum() == 60 * 40


def test_a_busy_server_is_asked_again(browser: Browser, server: Running, kitten: Path) -> None:
    answers: Iterator[int] = iter([429])

    def busy(route: Route) -> None:
        if next(answers, None):
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"detail": "the queue is full"})
        else:
            route.continue_()

    with open_site(browser, server.url, refusals=[429]) as page:
        page.route("**/inpaint", busy)
        visitor = Visitor(page)
        visitor.open(kitten)
        visitor.box(60, 180, 120, 220)
        visitor.press("Remove")
        visitor.hears("The server is busy")
        visitor.hears("Done in")


def test_what_runs_can_be_cancelled(visitor: Visitor, tmp_path: Path) -> None:
    photo = tmp_path / "large.png"
    Image.open(PHOTOGRAPHS / "house.webp").resize((1536, 1024)).save(photo)
    visitor.open(photo)
    visitor.box(200, 200, 1200, 900)
    visitor.press("Remove")
    visitor.hears("Removing")
    visitor.press("Cancel")
    visitor.hears("Cancelled. Nothing has changed.")
    assert visitor.saves()[1] == photo.read_bytes()
    assert visitor.mask().any()


def test_the_key_is_asked_for_once_and_kept_for_the_tab(
    browser: Browser, kitten: Path, tmp_path: Path
) -> None:
    with (
        running("--api-key", "open sesame", folder=tmp_path / "server") as server,
        open_site(browser, server.url, refusals=[401]) as page,
    ):
        visitor = Visitor(page)
        for key, words in (("wrong", "has set one"), ("open sesame", "not accepted")):
            page.get_by_role("dialog").get_by_text(words).first.wait_for()
            page.get_by_label("Key", exact=True).fill(key)
            visitor.press("Continue")
        visitor.open(kitten)
        visitor.box(60, 180, 120, 220)
        visitor.waits_until_kept(1)
        page.reload()
        visitor.hears("as you left it")
        visitor.run()
        assert page.evaluate("Object.values(localStorage).join().includes('sesame')") is False
        assert (pixels(visitor.saves()[1]) != pixels(kitten)).any()


def test_what_is_too_large_for_the_server_is_refused_before_it_is_sent(
    browser: Browser, kitten: Path, tmp_path: Path
) -> None:
    with (
        running(folder=tmp_path / "server", limits="max_pixels=70_000") as server,
        open_site(browser, server.url) as page,
    ):
        page.set_input_files("#file", kitten)
        Visitor(page).hears(
            "This server takes up to 0.07 megapixels, kitten.png has 0.077. Open a smaller one."
        )


def test_a_result_that_was_not_saved_is_not_closed_unasked(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.box(60, 180, 120, 220)
    visitor.run()
    visitor.page.set_input_files("#file", PHOTOGRAPHS / "rocket.jpg")
    visitor.press("Stay here")
    assert "kitten.png" in visitor.page.title()
    visitor.page.set_input_files("#file", PHOTOGRAPHS / "rocket.jpg")
    visitor.press("Open the other one")
    visitor.hears("Paint over what should go")
    assert "rocket.jpg" in visitor.page.title()

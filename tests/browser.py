"""A real browser for tests of pages: Chromium without a window, and pages that must stay silent and ask for nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_LONGEST_MS = 10_000
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium; skips the test where there is none, or fails it if SPLPAINT_BROWSER_REQUIRED is set."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        missing = f"no browser, none of {', '.join(_NAMES)}"
        if os.environ.get("SPLPAINT_BROWSER_REQUIRED"):
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def open_page(
    browser: Browser, file: Path, *, pictures: Iterable[Path] = (), **settings: Any
) -> Iterator[Page]:
    """Open a file; afterwards no error may have been reported, and nothing asked for besides the file.

    Args:
        browser: From ``open_browser``.
        file: The page.
        pictures: Files that it may ask for, too.
        settings: Of ``Browser.new_context``.
    """
    context = browser.new_context(**settings)
    context.set_default_timeout(_LONGEST_MS)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert said == []
    allowed = {picture.as_uri() for picture in pictures}
    assert [url for url in asked if not url.startswith("data:") and url not in allowed] == [file.as_uri()]

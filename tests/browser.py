"""A real browser for tests of pages: Chromium without a window, and pages that must stay silent and ask for nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator
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
    with _watched(browser, settings) as (page, asked, said):
        page.goto(file.as_uri())
        yield page
    assert said == []
    allowed = {picture.as_uri() for picture in pictures}
    assert [url for url in asked if not url.startswith("data:") and url not in allowed] == [file.as_uri()]


@contextmanager
def open_site(
    browser: Browser, address: str, *, refusals: Collection[int] = (), **settings: Any
) -> Iterator[Page]:
    """Open an address; afterwards no error may have been reported, and no other host asked for anything.

    Args:
        browser: From ``open_browser``.
        address: Of the server, such as ``http://127.0.0.1:8080``.
        refusals: Statuses that the server may have answered; 0: it may have been gone.
        settings: Of ``Browser.new_context``.
    """
    with _watched(browser, settings) as (page, asked, said):
        page.set_default_timeout(3 * _LONGEST_MS)  # the server works on the same processors
        page.goto(address)
        yield page
    lost = "Failed to load resource: "
    allowed = [
        f"{lost}the server responded with a status of {status} " if status else f"{lost}net::"
        for status in refusals
    ]
    assert [line for line in said if not line.startswith(tuple(allowed))] == []
    assert [url for url in asked if not url.startswith((address, "data:", f"blob:{address}"))] == []


@contextmanager
def _watched(browser: Browser, settings: dict[str, Any]) -> Iterator[tuple[Page, list[str], list[str]]]:
    context = browser.new_context(**settings)
    context.set_default_timeout(_LONGEST_MS)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page, asked, said
    context.close()

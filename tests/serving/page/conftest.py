"""One browser for all tests of the page, and a new visitor for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import open_browser, open_site
from tests.serving.page.visitor import Visitor, photograph
from tests.serving.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def visitor(browser: Browser, server: Running) -> Iterator[Visitor]:
    with open_site(browser, server.url, viewport={"width": 1200, "height": 860}) as page:
        yield Visitor(page)


@pytest.fixture(scope="package")
def kitten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small photograph without loss, 320 x 240."""
    return photograph("cat.webp", (320, 240), tmp_path_factory.mktemp("photos") / "kitten.png")

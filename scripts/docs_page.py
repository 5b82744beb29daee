"""Take the pictures of the page of ``splpaint serve``, and paint the one that its welcome shows.

    python scripts/docs_page.py

Needs Chromium and the extras ``serve`` and ``dev``. Writes docs/page.jpg, docs/page-phone.jpg and
splpaint/serving/page/example-painted.webp.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from splpaint import load_inpainter

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES, DOCS = ROOT / "examples", ROOT / "docs"
WELCOME = ROOT / "splpaint" / "serving" / "page"
LONGEST_MS = 120_000


def main() -> None:
    """Write the three pictures."""
    painted = load_inpainter()(WELCOME / "example.webp", EXAMPLES / "masks" / "cat.png", dilate=3)
    save(painted, WELCOME / "example-painted.webp", 80)
    with serving() as address, sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        save(desktop(browser, address), DOCS / "page.jpg", 84)
        save(phone(browser, address), DOCS / "page-phone.jpg", 84)
        browser.close()


def desktop(browser: Browser, address: str) -> Image.Image:
    """Two masts of a launch pad are marked, one of them painted away already."""
    page = visit(browser, address, "rocket.jpg", viewport={"width": 1240, "height": 800})
    width, height = Image.open(EXAMPLES / "photographs" / "rocket.jpg").size
    mask = Image.open(EXAMPLES / "masks" / "rocket.png").convert("1")
    halves = [mask.copy() for _ in range(2)]
    halves[0].paste(0, (width // 2, 0, width, height))
    halves[1].paste(0, (0, 0, width // 2, height))
    mark(page, halves[1])
    remove(page)
    mark(page, halves[0])
    return shot(page)


def phone(browser: Browser, address: str) -> Image.Image:
    """A thread is marked, removed and compared; by day and by night."""
    settings: dict[str, Any] = {
        "viewport": {"width": 390, "height": 780},
        "device_scale_factor": 1.25,
        "has_touch": True,
        "is_mobile": True,
    }
    shots = []
    for colours in ("light", "dark"):
        page = visit(browser, address, "cat.webp", color_scheme=colours, **settings)
        mark(page, Image.open(EXAMPLES / "masks" / "cat.png"))
        shots.append(shot(page))
        remove(page)
        page.get_by_role("button", name="Compare", exact=True).click()
        shots.append(shot(page))
    chosen = [shots[0], shots[1], shots[3]]
    width, height = chosen[0].size
    gap = width // 16
    sheet = Image.new("RGB", (len(chosen) * (width + gap) - gap, height), "white")
    for number, each in enumerate(chosen):
        sheet.paste(each, (number * (width + gap), 0))
    return sheet


def visit(browser: Browser, address: str, photo: str, **settings: Any) -> Page:
    """Open a photograph of the examples on the page."""
    page = browser.new_context(**settings).new_page()
    page.goto(address)
    page.set_input_files("#file", EXAMPLES / "photographs" / photo)
    hears(page, "Paint over what should go")
    page.locator("#stage").evaluate("stage => stage.blur()")
    return page


def mark(page: Page, mask: Image.Image) -> None:
    """Open a mask on the page."""
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    file: Any = {"name": "mask.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    page.set_input_files("#mask", file)
    hears(page, "of the picture is marked")


def remove(page: Page) -> None:
    """Remove what is marked."""
    page.get_by_role("button", name="Remove", exact=True).click()
    hears(page, "Done in")


def hears(page: Page, words: str) -> None:
    """Wait until the status says something."""
    page.locator("#status .words", has_text=words).wait_for(timeout=LONGEST_MS)


def shot(page: Page) -> Image.Image:
    """The window as it looks."""
    page.wait_for_timeout(500)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def save(image: Image.Image, path: Path, quality: int) -> None:
    """Write a picture, and say so."""
    image.save(path, quality=quality, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


@contextmanager
def serving() -> Iterator[str]:
    """Run ``splpaint serve`` on a free port; its address."""
    command = [sys.executable, "-m", "splpaint", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        try:
            yield found[0]
        finally:
            process.terminate()


if __name__ == "__main__":
    main()

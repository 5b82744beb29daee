"""Somebody who uses the page of a real server in a real browser."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Error as PlaywrightError

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PHOTOGRAPHS = Path(__file__).parents[3] / "examples" / "photographs"
LONGEST_MS = 60_000
_PLACE = """async ([width, height]) => {
  const { View } = await import("/modules/stage/view.js");
  const { clientWidth, clientHeight } = document.getElementById("stage");
  const view = new View();
  view.lay({ photo: { width, height }, stage: { width: clientWidth, height: clientHeight } });
  return [view.x, view.y, view.scale];
}"""
_KEPT = """async (count) => {
  const { readWork } = await import("/modules/document/storage.js");
  return (await readWork())?.entries.length === count;
}"""

Point = tuple[float, float]
Bits = NDArray[np.bool_]


def photograph(name: str, size: tuple[int, int], path: Path) -> Path:
    """Write a photograph of the examples in a size and in the format of a path."""
    Image.open(PHOTOGRAPHS / name).convert("RGB").resize(size).save(path)
    return path


def pixels(data: bytes | Path) -> NDArray[np.uint8]:
    """A picture's pixels, uint8 ``(H, W, 3)``."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    return np.asarray(Image.open(file).convert("RGB"))


class Visitor:
    """Uses the page as people do; points are pixels of the photograph, which must be fitted to the stage."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.size = (1, 1)

    def open(self, photo: Path) -> None:
        """Choose a photograph."""
        self.size = Image.open(photo).size
        self.page.set_input_files("#file", photo)
        self.hears("Paint over what should go")

    def hears(self, words: str) -> None:
        """Wait until the status says something."""
        said = self.page.locator("#status .words")
        try:
            said.filter(has_text=words).wait_for(timeout=LONGEST_MS)
        except PlaywrightError:
            raise AssertionError(f"expected the status {words!r}, got {said.inner_text()!r}") from None

    def waits_until_kept(self, entries: int) -> None:
        """Wait until so many strokes and results would survive a reload."""
        self.page.wait_for_function(_KEPT, arg=entries, timeout=LONGEST_MS)

    def button(self, name: str) -> Locator:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Press a button."""
        self.button(name).click()

    def on_screen(self, point: Point) -> Point:
        """Where a point of the photograph is on the screen."""
        box = self.page.locator("#stage").bounding_box()
        assert box is not None
        x, y, scale = self.page.evaluate(_PLACE, list(self.size))
        return box["x"] + x + point[0] * scale, box["y"] + y + point[1] * scale

    def drag(self, *points: Point) -> None:
        """Drag over the photograph."""
        mouse = self.page.mouse
        first, *others = map(self.on_screen, points)
        mouse.move(*first)
        mouse.down()
        for point in others:
            mouse.move(*point, steps=5)
        mouse.up()

    def box(self, left: float, top: float, right: float, bottom: float) -> None:
        """Mark a rectangle."""
        self.press("Rectangle")
        self.drag((left, top), (right, bottom))

    def mean(self, layer: str) -> None:
        """Choose what marks mean."""
        self.page.locator(f"input[value={layer}]").check(force=True)

    def run(self) -> None:
        """Press Remove and wait for the result."""
        self.press("Remove")
        self.hears("Done in")

    def saves(self, button: str = "Download") -> tuple[str, bytes]:
        """Press what saves a file; its name and content."""
        with self.page.expect_download(timeout=LONGEST_MS) as download:
            self.press(button)
        return download.value.suggested_filename, Path(download.value.path()).read_bytes()

    def mask(self) -> Bits:
        """What is marked, in true pixels, as the mask says that is saved."""
        _, data = self.saves("Save the mask")
        return np.asarray(Image.open(io.BytesIO(data)))

    def mask_is_empty(self) -> bool:
        """Whether nothing is marked, as the page says when the mask is to be saved."""
        self.press("Save the mask")
        self.hears("Nothing is marked")
        return True

    def upload_mask(self, file: Path) -> None:
        """Open a mask."""
        self.page.set_input_files("#mask", file)

"""A thing is removed on the page: what is marked, what the server paints, what is saved."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.browser import open_site
from tests.serving.page.visitor import Bits, Visitor, photograph, pixels
from tests.serving.running import copy_compact, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Chromium tells nobody what files a form holds, so the form itself is asked.
_KEEP_SENT = """() => {
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {
    body?.get("avoid")?.arrayBuffer().then((bytes) => (window.sentAvoid = [...new Uint8Array(bytes)]));
    send.call(this, body);
  };
}"""


def rectangle(shape: tuple[int, int], left: int, top: int, right: int, bottom: int, grown: int = 0) -> Bits:
    """A rectangle in a mask, grown by a square, which holds the round one."""
    mask = np.zeros(shape, np.bool_)
    mask[max(0, top - grown) : bottom + grown, max(0, left - grown) : right + grown] = True
    return mask


def test_what_is_marked_goes_and_all_else_stays(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.box(60, 180, 120, 220)
    visitor.run()
    name, data = visitor.saves()
    assert name == "kitten.painted.png"
    before, after = pixels(kitten), pixels(data)
    changed = (before != after).any(axis=2)
    marked = rectangle(changed.shape, 60, 180, 120, 220)
    assert changed[marked].mean() > 0.9
    assert not (changed & ~rectangle(changed.shape, 60, 180, 120, 220, grown=4)).any()
    assert (changed & ~marked).any()  # the mask is grown unasked


def test_a_new_stroke_never_repaints_an_earlier_result(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.box(60, 180, 120, 220)
    visitor.run()
    first = pixels(visitor.saves()[1])
    visitor.box(250, 20, 290, 60)
    visitor.run()
    second = pixels(visitor.saves()[1])
    changed = (first != second).any(axis=2)
    assert changed.any()
    assert not (changed & ~rectangle(changed.shape, 250, 20, 290, 60, grown=4)).any()


def test_the_original_is_brought_back_where_one_paints_so(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.box(60, 180, 120, 220)
    visitor.run()
    result = pixels(visitor.saves()[1])
    visitor.mean("restore")
    visitor.box(60, 180, 90, 220)
    saved = pixels(visitor.saves()[1])
    back = rectangle(result.shape[:2], 60, 180, 90, 220)
    np.testing.assert_array_equal(saved[back], pixels(kitten)[back])
    np.testing.assert_array_equal(saved[~back], result[~back])
    visitor.mean("remove")
    visitor.box(250, 20, 290, 60)
    visitor.run()  # on the picture as it is shown
    np.testing.assert_array_equal(pixels(visitor.saves()[1])[back], pixels(kitten)[back])


def test_undo_and_redo_go_through_strokes_and_results(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.box(20, 20, 60, 60)
    visitor.box(100, 100, 140, 140)
    both = visitor.mask()
    visitor.page.keyboard.press("Control+z")
    assert visitor.mask().sum() == 40 * 40
    visitor.page.keyboard.press("Control+Shift+z")
    np.testing.assert_array_equal(visitor.mask(), both)
    visitor.run()
    result = visitor.saves()[1]
    visitor.press("Undo")
    np.testing.assert_array_equal(visitor.mask(), both)
    assert visitor.saves()[1] == kitten.read_bytes()
    visitor.press("Redo")
    assert visitor.saves()[1] == result
    visitor.press("Original")
    visitor.hears("Original is shown")
    assert visitor.saves()[1] == kitten.read_bytes()


def test_tools_mark_what_they_say_in_true_pixels(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.page.locator("#brush-size").fill("60")
    visitor.drag((100, 100), (200, 100))
    scale = visitor.on_screen((1, 0))[0] - visitor.on_screen((0, 0))[0]
    rows, columns = np.indices((240, 320)) + 0.5
    distance = np.hypot(columns - np.clip(columns, 100, 200), rows - 100)
    radius = 30 / scale
    marked = visitor.mask()
    assert marked[distance < radius - 1].all()
    assert not marked[distance > radius + 1].any()
    visitor.press("Eraser")
    visitor.drag((100, 100), (200, 100))
    assert visitor.mask_is_empty()
    visitor.press("Lasso")
    visitor.drag((50, 50), (150, 50), (50, 150))
    triangle = (columns > 51) & (rows > 51) & (columns + rows < 198)
    marked = visitor.mask()
    assert marked[triangle].all()
    assert abs(int(marked.sum()) - 5000) < 150
    visitor.press("Invert the marks")
    np.testing.assert_array_equal(visitor.mask(), ~marked)
    visitor.press("Clear the marks")
    assert visitor.mask_is_empty()


def test_a_mask_is_opened_and_saved_bit_for_bit(visitor: Visitor, kitten: Path, tmp_path: Path) -> None:
    visitor.open(kitten)
    mask = np.random.default_rng(3).random((240, 320)) > 0.7
    Image.fromarray(mask).save(tmp_path / "mask.png")
    visitor.upload_mask(tmp_path / "mask.png")
    visitor.hears("% of the picture is marked")
    np.testing.assert_array_equal(visitor.mask(), mask)
    clear = Image.new("RGBA", (320, 240))
    clear.paste((0, 0, 0, 255), (10, 10, 30, 30))
    clear.save(tmp_path / "layer.png")
    visitor.press("Clear the marks")
    visitor.upload_mask(tmp_path / "layer.png")
    visitor.hears("0.5 % of the picture is marked")
    np.testing.assert_array_equal(visitor.mask(), rectangle((240, 320), 10, 10, 30, 30))
    Image.new("L", (300, 240)).save(tmp_path / "other.png")
    visitor.upload_mask(tmp_path / "other.png")
    visitor.hears(
        "The mask must have the photograph’s size, 320 × 240, or its proportions; it has 300 × 240."
    )


def test_what_may_not_be_copied_is_sent_along(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.box(60, 180, 120, 220)
    visitor.mean("avoid")
    visitor.box(200, 100, 300, 200)
    visitor.page.evaluate(_KEEP_SENT)
    visitor.run()
    sent = bytes(visitor.page.evaluate("window.sentAvoid"))
    avoided = np.asarray(Image.open(io.BytesIO(sent)))
    np.testing.assert_array_equal(avoided, rectangle((240, 320), 200, 100, 300, 200))


def test_a_jpeg_stays_one_with_its_metadata_and_its_way_up(visitor: Visitor, tmp_path: Path) -> None:
    photo = photograph("rocket.jpg", (320, 214), tmp_path / "rocket.jpg")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"  # turned by a quarter
    with Image.open(photo) as image:
        image.save(photo, exif=exif, quality=90)
    visitor.open(photo)
    visitor.size = (214, 320)
    visitor.box(20, 200, 60, 260)
    assert visitor.mask().shape == (320, 214)
    visitor.run()
    name, data = visitor.saves()
    assert name == "rocket.painted.jpg"
    with Image.open(io.BytesIO(data)) as saved:
        assert saved.format == "JPEG"
        assert saved.size == (214, 320)
        assert saved.getexif()[0x010F] == "a camera"


@pytest.mark.parametrize("suffix", ["webp", "tif"])
def test_other_formats_come_back_as_they_were_opened(visitor: Visitor, tmp_path: Path, suffix: str) -> None:
    photo = photograph("cat.webp", (320, 240), tmp_path / f"kitten.{suffix}")
    visitor.open(photo)
    visitor.box(60, 180, 120, 220)
    visitor.run()
    name, data = visitor.saves()
    assert name == f"kitten.painted.{suffix}"
    with Image.open(io.BytesIO(data)) as saved, Image.open(photo) as opened:
        assert (saved.format, saved.size) == (opened.format, opened.size)


def test_a_thing_is_found_in_a_box_and_under_a_rough_stroke(visitor: Visitor, tmp_path: Path) -> None:
    ground = pixels(photograph("canyon.webp", (320, 240), tmp_path / "ground.png")) // 4
    rows, columns = np.indices((240, 320))
    disc = np.hypot(rows - 120, columns - 160) < 40
    Image.fromarray(np.where(disc[..., None], np.array((250, 220, 40), np.uint8), ground)).save(
        tmp_path / "disc.png"
    )
    visitor.open(tmp_path / "disc.png")
    for tool, points in {
        "Select a thing by a box": [(105, 65), (215, 175)],
        "Select a thing by a rough stroke": [(135, 120), (185, 120)],
    }.items():
        visitor.press(tool)
        visitor.drag(*points)
        visitor.hears("Marked. Correct it")
        found = visitor.mask()
        assert (found & disc).sum() / (found | disc).sum() > 0.95
        visitor.press("Clear the marks")


def test_the_model_is_chosen_by_what_it_is_good_for(browser: Browser, kitten: Path, tmp_path: Path) -> None:
    another = copy_compact(tmp_path / "another")
    with (
        running("--models", f"compact,{another}", folder=tmp_path / "server") as server,
        open_site(browser, server.url) as page,
    ):
        visitor = Visitor(page)
        visitor.open(kitten)
        visitor.press("Settings")
        assert "scratches" in page.locator("#model-use").inner_text()
        page.get_by_label("Model").select_option(index=1)
        page.keyboard.press("Escape")
        visitor.box(60, 180, 120, 220)
        with page.expect_response("**/inpaint") as answer:
            visitor.run()
        assert answer.value.headers["x-model"] == "another"


def test_it_may_run_after_each_stroke(visitor: Visitor, kitten: Path) -> None:
    visitor.open(kitten)
    visitor.press("Settings")
    visitor.page.get_by_label("Remove after each stroke").check()
    visitor.page.keyboard.press("Escape")
    visitor.box(60, 180, 120, 220)
    visitor.hears("Done in")


@pytest.mark.slow
def test_fifty_megapixels_are_marked_and_painted_in_full(visitor: Visitor, tmp_path: Path) -> None:
    photo = photograph("canyon.webp", (8660, 5774), tmp_path / "large.jpg")
    visitor.open(photo)
    visitor.box(4000, 3000, 4300, 3200)
    marked = visitor.mask()
    assert marked.shape == (5774, 8660)
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert (
        np.abs(np.subtract((columns[0], rows[0], columns[-1], rows[-1]), (4000, 3000, 4300, 3200))).max() < 20
    )
    visitor.run()
    name, data = visitor.saves()
    assert name == "large.painted.jpg"
    with Image.open(io.BytesIO(data)) as saved:
        assert saved.size == (8660, 5774)

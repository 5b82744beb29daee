"""Single modules of the page, run in the browser and compared with plain arithmetic."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.serving.page.visitor import Visitor

_MASK = """async ([marks, width, height]) => {
  const { maskFile } = await import("/modules/document/mask_file.js");
  const { file, count } = await maskFile(marks, { width, height });
  return [[...new Uint8Array(await file.arrayBuffer())], count];
}"""
_VIEW = """async ([photo, stage, steps, point]) => {
  const { View } = await import("/modules/stage/view.js");
  const view = new View();
  view.lay({ photo, stage });
  for (const [name, ...values] of steps) view[name](...values);
  return [view.toPhoto(...point), view.toStage(view.toPhoto(...point)), view.scale, view.x, view.y];
}"""
_WHEEL = """async (event) => {
  const { meaningOfWheel } = await import("/modules/stage/view.js");
  return meaningOfWheel({ deltaMode: 0, deltaX: 0, ...event });
}"""
SIDES = st.integers(1, 70)
BOXES = st.tuples(
    st.sampled_from(["add", "erase", "invert"]), *[st.integers(-5, 75)] * 2, *[st.integers(1, 40)] * 2
)


def test_masks_are_true_to_the_pixel_whatever_their_size(visitor: Visitor) -> None:
    @settings(max_examples=25)
    @given(SIDES, SIDES, st.lists(BOXES, max_size=5))
    def holds(width: int, height: int, boxes: list[tuple[str, int, int, int, int]]) -> None:
        expected = np.zeros((height, width), np.bool_)
        marks = []
        for operation, x, y, wide, tall in boxes:
            here = np.zeros_like(expected)
            here[max(0, y) : max(0, y + tall), max(0, x) : max(0, x + wide)] = True
            expected = {"add": expected | here, "erase": expected & ~here, "invert": expected ^ here}[
                operation
            ]
            shape = {"form": "box", "x": x, "y": y, "width": wide, "height": tall}
            marks.append({"operation": operation, "shape": shape})
        data, count = visitor.page.evaluate(_MASK, [marks, width, height])
        with Image.open(io.BytesIO(bytes(data))) as mask:
            assert mask.mode == "1"
            np.testing.assert_array_equal(np.asarray(mask), expected)
        assert count == expected.sum()

    holds()


def test_the_point_under_the_pointer_stays_while_zooming(visitor: Visitor) -> None:
    @settings(max_examples=25)
    @given(
        st.integers(200, 9000),
        st.integers(200, 9000),
        st.floats(0.5, 4),
        st.floats(300, 500),
        st.floats(200, 400),
    )
    def holds(width: int, height: int, factor: float, x: float, y: float) -> None:
        photo, stage = {"width": width, "height": height}, {"width": 800, "height": 600}
        before, _, scale, *_ = visitor.page.evaluate(_VIEW, [photo, stage, [], [x, y]])
        after, back, larger, left, top = visitor.page.evaluate(
            _VIEW, [photo, stage, [["zoom", factor, x, y]], [x, y]]
        )
        assert back == {"x": pytest.approx(x), "y": pytest.approx(y)}
        assert larger <= 32
        assert left <= 800 - 64
        assert top <= 600 - 64
        if left + width * larger > 64 and left < 736 and top + height * larger > 64 and top < 536:
            assert after == {"x": pytest.approx(before["x"]), "y": pytest.approx(before["y"])}
        assert width * scale <= 800
        assert height * scale <= 600

    holds()


@pytest.mark.parametrize(
    ("event", "meaning"),
    [
        ({"deltaY": 100, "wheelDeltaY": -120}, "zoom"),
        ({"deltaY": 3, "deltaMode": 1}, "zoom"),
        ({"deltaY": 4, "wheelDeltaY": -12}, "move"),
        ({"deltaX": 7, "deltaY": 4, "wheelDeltaY": -120}, "move"),
        ({"deltaY": 4, "wheelDeltaY": -12, "ctrlKey": True}, "zoom"),
        ({"deltaY": 100, "wheelDeltaY": -120, "shiftKey": True}, "size"),
    ],
)
def test_wheels_touchpads_and_pinches_are_told_apart(
    visitor: Visitor, event: dict[str, Any], meaning: str
) -> None:
    assert visitor.page.evaluate(_WHEEL, event) == meaning


def test_the_wheel_zooms_at_the_pointer_and_changes_the_brush(visitor: Visitor, kitten: Any) -> None:
    visitor.open(kitten)
    page = visitor.page
    at = visitor.on_screen((80, 60))
    before = page.locator("#zoom-value").inner_text()
    page.mouse.move(*at)
    page.mouse.wheel(0, -240)
    page.mouse.down()
    page.mouse.up()
    visitor.hears("% of the picture is marked")
    assert page.locator("#zoom-value").inner_text() != before
    rows, columns = np.nonzero(visitor.mask())
    assert abs(columns.mean() - 80) < 1
    assert abs(rows.mean() - 60) < 1
    page.mouse.move(*at)
    page.keyboard.down("Shift")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Shift")
    assert int(page.locator("#brush-size-value").inner_text()) > 40

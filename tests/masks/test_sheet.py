from __future__ import annotations

import numpy as np

from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.masks.sheet import contact_sheet


def test_a_contact_sheet_has_a_row_for_each_source() -> None:
    hole = irregular_mask(seed=0, index=3, height=32, width=32)
    sheet = np.asarray(contact_sheet({"one": [hole, ~hole], "two": [hole]}, side_px=32))
    assert sheet.shape == (4 + 2 * 36, 120 + 2 * 36)
    np.testing.assert_array_equal(sheet[4:36, 120:152] == 235, hole)
    np.testing.assert_array_equal(sheet[4:36, 156:188] == 90, hole)
    assert (sheet[40:72, 156:188] == 255).all()
    assert sheet[4:36, :120].min() < 100  # the label

from __future__ import annotations

import pytest

from splpaint.masks.ratios import ratio_bin


@pytest.mark.parametrize(
    ("ratio", "label"),
    [
        (0.0, None),
        (0.01, None),
        (0.0101, "(0.01,0.1]"),
        (0.1, "(0.01,0.1]"),
        (0.1001, "(0.1,0.2]"),
        (0.35, "(0.3,0.4]"),
        (0.6, "(0.5,0.6]"),
        (0.6001, None),
        (1.0, None),
    ],
)
def test_a_bin_excludes_its_lower_end_and_includes_its_upper(ratio: float, label: str | None) -> None:
    assert ratio_bin(ratio) == label

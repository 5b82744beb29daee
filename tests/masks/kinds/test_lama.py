from __future__ import annotations

import numpy as np

from splpaint.images.arrays import Hole
from splpaint.masks.kinds.generators import GENERATORS


def test_lama_masks_cover_at_most_half_and_get_broader_from_thin_to_thick() -> None:
    def radius_px(hole: Hole) -> float:
        """Mean distance of hole pixels to the nearest known one along a row or column, as runs of pixels."""
        changes = np.count_nonzero(np.diff(hole.astype(np.int8), axis=1)) + hole.shape[0]
        return float(hole.sum() / changes)

    means = []
    for name in ("thin", "medium", "thick"):
        holes = [GENERATORS[name](seed=1, index=index) for index in range(40)]
        assert max(hole.mean() for hole in holes) <= 0.5
        means.append(np.mean([radius_px(hole) for hole in holes]))
    assert means[0] < means[1] < means[2]

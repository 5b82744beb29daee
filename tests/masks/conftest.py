from __future__ import annotations

import pytest

from splpaint.images.arrays import Hole
from splpaint.masks.kinds.irregular import irregular_mask


@pytest.fixture
def holes() -> list[Hole]:
    return [irregular_mask(seed=2, index=index, height=64, width=64) for index in range(4)]

from __future__ import annotations

import numpy as np
import torch

from splpaint.training.config import OptimiserConfig
from splpaint.training.data import Sample, shrink_samples
from splpaint.training.schedule import Schedule


def test_samples_shrink_by_area_and_nothing_that_is_missing_becomes_known() -> None:
    random = torch.Generator().manual_seed(0)
    image, pretext = torch.rand(2, 3, 8, 8, generator=random), torch.rand(2, 3, 16, 16, generator=random)
    hole = (torch.rand(2, 1, 8, 8, generator=random) < 0.1).float()
    shrunk = shrink_samples(Sample(image, hole, pretext, "name"), 4)
    np.testing.assert_allclose(
        shrunk.image, image.numpy().reshape(2, 3, 4, 2, 4, 2).mean(axis=(3, 5)), rtol=1e-6
    )
    np.testing.assert_array_equal(shrunk.hole, hole.numpy().reshape(2, 1, 4, 2, 4, 2).max(axis=(3, 5)))
    assert shrunk.pretext_image.shape == (2, 3, 8, 8)
    assert shrunk.name == "name"


def test_sides_hold_until_so_many_samples_were_seen() -> None:
    schedule = Schedule(OptimiserConfig(), 100, 10, progressive=[(64, 20), (128, 50)])
    assert [schedule.side_px(seen) for seen in (0, 19, 20, 49, 50, 99)] == [64, 64, 128, 128, None, None]
    assert Schedule(OptimiserConfig(), 100, 10).side_px(0) is None

from __future__ import annotations

import pytest

from splpaint.training.recipes.recipe import load_recipe
from splpaint.training.schedule import Schedule


def test_the_rate_falls_and_distillation_ends_at_the_stated_epochs() -> None:
    config = load_recipe("paris", ["data.images=x", "run.out=x"])
    schedule = Schedule(config.optimiser, 7000, 100, config.loss.distillation_until_epoch)
    rates = [schedule.rate(100 * epoch - 1) for epoch in range(1, 71)]  # the last image of every epoch
    assert rates == pytest.approx([1e-4] * 50 + [1e-5] * 20, rel=1e-12)
    assert [schedule.distils(100 * epoch - 1) for epoch in range(1, 71)] == [True] * 60 + [False] * 10

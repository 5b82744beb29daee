"""Training: configuration, recipes, the loop. Torch is loaded when the loop is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from splpaint.lazy import lazy_names

if TYPE_CHECKING:
    from splpaint.training.config import TrainingConfig
    from splpaint.training.loop import train, train_phases
    from splpaint.training.rehearsal import dry_run

__all__ = ["TrainingConfig", "dry_run", "train", "train_phases"]
__getattr__ = lazy_names(
    __name__,
    {
        "config": ("TrainingConfig",),
        "rehearsal": ("dry_run",),
        "loop": ("train", "train_phases"),
    },
    extra="train",
)

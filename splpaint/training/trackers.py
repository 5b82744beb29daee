"""TensorBoard and Weights & Biases, which draw a run's values while it goes on, as Accelerate's trackers."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from splpaint.errors import InputError
from splpaint.training.config import TrainingConfig

if TYPE_CHECKING:
    from accelerate.tracking import GeneralTracker

__all__ = ["open_trackers"]

_WANDB_PROJECT = "splpaint"


def open_trackers(config: TrainingConfig, *, images_seen: int) -> list[GeneralTracker]:
    """Start the trackers that ``run.trackers`` names, in the one process that writes.

    Args:
        config: The whole run.
        images_seen: Samples used by now: what TensorBoard has been told beyond them is hidden.

    Raises:
        InputError: A tracker's package is not installed.
    """
    return [_start(name, config, images_seen) for name in config.run.trackers]


def _start(name: str, config: TrainingConfig, images_seen: int) -> GeneralTracker:
    for package in ("accelerate", name):
        if find_spec(package) is None:
            raise InputError(
                f"run.trackers={name} needs the package {package}, found none; pip install {package}"
            )
    from accelerate import PartialState
    from accelerate.tracking import TensorBoardTracker, WandBTracker

    PartialState(cpu=config.run.device == "cpu")  # trackers ask it which process this is
    out = config.run.out
    tracker: GeneralTracker
    if name == "tensorboard":
        tracker = TensorBoardTracker(name, out, purge_step=images_seen + 1)
    else:
        settings = config.model_dump(mode="json")
        tracker = WandBTracker(_WANDB_PROJECT, name=out.name, dir=str(out), config=settings)
    tracker.start()
    return tracker

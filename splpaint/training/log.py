"""What a run leaves in its folder on the way: rows of losses, checkpoints, models and sample sheets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from splpaint.networks import save_model
from splpaint.training.checkpoint import save_checkpoint
from splpaint.training.config import TrainingConfig
from splpaint.training.step import Stepper
from splpaint.training.validation import ValidationPair, validate

__all__ = ["RunLog"]


class RunLog:
    """Writes only what is finite: ``NonFiniteLossError`` comes before a file is touched.

    Args:
        config: The whole run.
        stepper: Whose networks are saved.
        pairs: What they are validated on; may be none.
    """

    def __init__(self, config: TrainingConfig, stepper: Stepper, pairs: Sequence[ValidationPair]) -> None:
        self.out = config.run.out
        self._generator = config.generator
        self._stepper = stepper
        self._pairs = pairs

    def write(self, losses: dict[str, Tensor]) -> None:
        """A row of ``log.jsonl``: a step's losses."""
        self._row(self._stepper.read(losses))

    def save(self) -> None:
        """``checkpoint.pt``, from which the run can be resumed."""
        self._stepper.require_finite()
        save_checkpoint(self._stepper.state, self.out)

    def validate(self) -> None:
        """``latest/``, a sheet in ``samples/``, a row in ``log.jsonl``; and ``model/``, where none has been better."""
        self._stepper.require_finite()
        state = self._stepper.state
        if self._pairs:
            self._model("latest")  # with an adversary, the best PSNR is not the best image
            sheet = self.out / "samples" / f"{state.images_seen:09d}.png"
            psnr = validate(state.ema.network, self._pairs, sheet)
            self._row({"val_psnr_in_hole": psnr})
            if psnr <= state.best_psnr:
                return
            state.best_psnr = psnr
        self._model("model")

    def _model(self, name: str) -> None:
        generator = self._stepper.state.ema.network
        save_model(self.out / name, generator, self._generator, name=self._generator.architecture)

    def _row(self, values: dict[str, float]) -> None:
        state = self._stepper.state
        row: dict[str, Any] = {
            "step": state.step,
            "images": state.images_seen,
            "seconds": round(state.elapsed_s, 1),
        }
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row | {name: round(value, 5) for name, value in values.items()}) + "\n")

"""What a run leaves in its folder on the way: rows of losses, checkpoints, models and sample sheets."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from splpaint.atomic_files import atomic_path
from splpaint.networks import save_model
from splpaint.training.checkpoint import save_checkpoint
from splpaint.training.config import TrainingConfig
from splpaint.training.report import BEST_BY, LOG_FILE, draw_sheet
from splpaint.training.step import Stepper
from splpaint.training.validation import ValidationPair, validate

__all__ = ["RunLog"]


class RunLog:
    """Writes only what is finite: ``NonFiniteLossError`` comes before a file is touched.

    Args:
        config: The whole run.
        stepper: Whose networks are saved.
        pairs: What they are validated on; may be none.
        say: Tells the user one line.
    """

    def __init__(
        self,
        config: TrainingConfig,
        stepper: Stepper,
        pairs: Sequence[ValidationPair],
        *,
        say: Callable[[str], object],
    ) -> None:
        self.out = config.run.out
        self._generator = config.generator
        self._stepper = stepper
        self._pairs = pairs
        self._say = say
        self._last = stepper.state.images_seen, stepper.state.elapsed_s

    def write(self, losses: dict[str, Tensor]) -> None:
        """A row of ``log.jsonl``: a step's losses, the learning rate, and the pace since the last such row."""
        values = self._stepper.read(losses)
        state = self._stepper.state
        images, seconds = state.images_seen - self._last[0], state.elapsed_s - self._last[1]
        self._last = state.images_seen, state.elapsed_s
        rate: float = state.optimiser.param_groups[0]["lr"]
        self._row(values | {"rate": rate, "images_per_s": images / max(seconds, 1e-9)})

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
            values, shown = validate(state.ema.network, self._pairs)
            with atomic_path(self.out / "samples" / f"{state.images_seen:09d}.png") as part:
                draw_sheet(shown).save(part, format="PNG")
            self._row(values)
            self._say(_told(values, state.best_psnr))
            if values[BEST_BY] <= state.best_psnr:
                return
            state.best_psnr = values[BEST_BY]
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
        with (self.out / LOG_FILE).open("a", encoding="utf-8") as log:
            log.write(
                json.dumps(row | {name: float(f"{value:.6g}") for name, value in values.items()}) + "\n"
            )


def _told(values: dict[str, float], best_psnr: float) -> str:
    bins = [
        f"{name.partition(' ')[2]} {value:.2f}"
        for name, value in values.items()
        if name.startswith(f"{BEST_BY} ")
    ]
    better = "the best so far" if values[BEST_BY] > best_psnr else f"the best was {best_psnr:.2f}"
    return f"validation: PSNR in the hole {values[BEST_BY]:.2f} dB, {better}; by the hole's share: {', '.join(bins)}"

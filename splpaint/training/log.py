"""What a run leaves in its folder on the way: rows of losses, checkpoints, models and sample sheets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from splpaint.atomic_files import atomic_path
from splpaint.errors import InputError
from splpaint.networks import save_model
from splpaint.training.checkpoint import save_checkpoint
from splpaint.training.config import TrainingConfig
from splpaint.training.report import BEST_BY, LOG_FILE, draw_sheet, say_validation
from splpaint.training.step import Stepper
from splpaint.training.trackers import open_trackers
from splpaint.training.validation import ValidationPair, validate

__all__ = ["RunLog"]


class RunLog:
    """Writes only what is finite: ``NonFiniteLossError`` comes before a file is touched.

    Args:
        config: The whole run.
        stepper: Whose networks are saved.
        pairs: What they are validated on; may be none.
        say: Tells the user one line.
        writes: False: nothing is written, only watched.
    """

    def __init__(
        self,
        config: TrainingConfig,
        stepper: Stepper,
        pairs: Sequence[ValidationPair],
        *,
        say: Callable[[str], object],
        writes: bool,
    ) -> None:
        self.out = config.run.out
        self._config = config
        self._stepper = stepper
        self._pairs = pairs
        self._say = say
        self._last = stepper.state.images_seen, stepper.state.elapsed_s
        self._writes = writes
        self._file = self.out / LOG_FILE
        self._trackers = open_trackers(config, images_seen=stepper.state.images_seen) if writes else []
        # Rows after the checkpoint that the run goes on from are written again.
        if writes and self._file.exists() and self._file.stat().st_size > stepper.state.log_bytes:
            os.truncate(self._file, stepper.state.log_bytes)

    def write(self, losses: dict[str, Tensor]) -> None:
        """A row of ``log.jsonl``: a step's losses, the learning rate, and the pace since the last such row."""
        values = self._stepper.read(losses)
        if not self._writes:
            return
        state = self._stepper.state
        images, seconds = state.images_seen - self._last[0], state.elapsed_s - self._last[1]
        self._last = state.images_seen, state.elapsed_s
        rate: float = state.optimiser.param_groups[0]["lr"]
        self._row(values | {"rate": rate, "images_per_s": images / max(seconds, 1e-9)})

    def save(self) -> None:
        """``checkpoint.pt``, from which the run can be resumed, and its like in ``checkpoints/``."""
        self._save(best=False)

    def validate(self) -> None:
        """``latest/``, a sheet in ``samples/``, a row in ``log.jsonl``; a checkpoint; ``model/``, if it is the best."""
        self._stepper.require_finite()
        state = self._stepper.state
        state.images_validated = state.images_seen
        if not self._writes:
            return
        if self._pairs:
            self._model("latest")  # with an adversary, the best PSNR is not the best image
            values, shown = validate(state.ema.network, self._pairs)
            with atomic_path(self.out / "samples" / f"{state.images_seen:09d}.png") as part:
                draw_sheet(shown).save(part, format="PNG")
            self._row(values)
            better = (
                "the best so far"
                if values[BEST_BY] > state.best_psnr
                else f"the best was {state.best_psnr:.2f}"
            )
            self._say(f"validation: {say_validation(values)}; {better}")
            if values[BEST_BY] <= state.best_psnr:
                return self._save(best=False)
            state.best_psnr = values[BEST_BY]
        self._model("model")
        self._save(best=bool(self._pairs))

    def _save(self, *, best: bool) -> None:
        self._stepper.require_finite()
        if not self._writes:
            return
        state, run = self._stepper.state, self._config.run
        state.log_bytes = self._file.stat().st_size if self._file.exists() else 0
        save_checkpoint(state, self.out, self._config.model_dump_json(), keep=run.keep_checkpoints, best=best)

    def _model(self, name: str) -> None:
        network, own_name = self._stepper.state.ema.network, self.out.resolve().name
        save_model(self.out / name, network, self._config.generator, name=own_name)

    def _row(self, values: dict[str, float]) -> None:
        state = self._stepper.state
        row: dict[str, Any] = {
            "step": state.step,
            "images": state.images_seen,
            "seconds": round(state.elapsed_s, 1),
        }
        values = {name: float(f"{value:.6g}") for name, value in values.items()}
        try:
            with self._file.open("a", encoding="utf-8") as log:
                log.write(json.dumps(row | values) + "\n")
        except OSError as error:
            raise InputError(
                f"{self._file} cannot be written ({error.strerror}); make room, and `resume=True` continues"
            ) from error
        for tracker in self._trackers:
            tracker.log(values, step=state.images_seen)

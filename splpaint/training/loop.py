"""The training loop."""

from __future__ import annotations

import json
import shutil
import sysconfig
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from splpaint.cpu import has_amx_bf16
from splpaint.errors import NonFiniteLossError
from splpaint.networks import SPLOutput, save_model
from splpaint.training.batches import open_batches
from splpaint.training.checkpoint import TrainingState, save_checkpoint
from splpaint.training.config import TrainingConfig
from splpaint.training.data import Sample, UnreadableLog
from splpaint.training.display import Display, say
from splpaint.training.objective import discriminator_objective, generator_objective
from splpaint.training.schedule import lowered, trapezoid
from splpaint.training.start import open_dataset, open_run, open_validation, start_training, total_images
from splpaint.training.validation import ValidationPair, validate

_LOG_EVERY_STEPS = 20
_Output = TypeVar("_Output")


def train(config: TrainingConfig, *, resume: bool = False, stop: Callable[[], bool] = lambda: False) -> Path:
    """Train a generator; returns the run's folder.

    The folder holds ``config.json``, ``log.jsonl``, ``checkpoint.pt``, ``samples/``, ``latest/`` (the model at the
    last validation) and ``model/`` (at the best one; without validation pictures, at the end); also
    ``unreadable.txt``, where pictures could not be decoded.

    Args:
        config: The whole run.
        resume: Go on from the folder's checkpoint.
        stop: Asked after every step; once true, the run saves its state and ends.

    Raises:
        InputError: No pictures, more than 1 % of them cannot be decoded, or the folder holds a run and
            ``resume`` was not asked for.
        NonFiniteLossError: The loss is NaN or infinite; the last checkpoint is kept.
    """
    begun = time.monotonic()
    out = open_run(config, resume=resume)
    dataset = open_dataset(config)
    pairs = open_validation(config)
    unreadable = UnreadableLog(out, len(dataset.pictures), resume=resume)
    total = total_images(config, images_per_epoch=len(dataset.pictures))
    batches = open_batches(config, dataset, total_images=total, unreadable=unreadable, say=say)
    stepper = Stepper(
        config, start_training(config, batches, resume=resume), images_per_epoch=len(dataset.pictures)
    )
    say(f"training on {stepper.described}")
    state = stepper.state
    elapsed_s, entered = state.elapsed_s, time.monotonic()
    checkpoint_due = _Every(60 * config.run.checkpoint_minutes)
    validation_due = _Every(60 * config.run.validate_minutes)
    samples = batches(start=state.images_seen, stop=total, workers=config.data.workers)
    with Display(total, state.images_seen, begun) as display, closing(samples):
        for batch in samples:
            for line in unreadable.add(batch.unreadable):
                display.say(f"cannot be decoded, the next one is taken: {line}")
            losses = stepper(batch)
            state.elapsed_s = elapsed_s + time.monotonic() - entered
            display.step(state.images_seen, partial(stepper.read, losses))
            over = _is_over(config, begun)
            ends = over or stop()
            if ends or state.step % _LOG_EVERY_STEPS == 0:
                _log(out, state, stepper.read(losses))
            if ends or checkpoint_due():
                _save(stepper, out)
            if over:
                display.say(
                    f"run.max_minutes={config.run.max_minutes:g} are over; its state is saved, --resume goes on"
                )
            if ends:
                return out
            if validation_due():
                _validate(stepper, pairs, out)
    _validate(stepper, pairs, out)
    _save(stepper, out)
    return out


class Stepper:
    """One optimiser step after the other: the generator runs once, the discriminator learns, then the generator.

    Args:
        config: The whole run.
        state: Changed by every step.
        images_per_epoch: How many photographs there are.
    """

    def __init__(self, config: TrainingConfig, state: TrainingState, *, images_per_epoch: int) -> None:
        self.config = config
        self.state = state
        self.images_per_epoch = images_per_epoch
        self.total_images = total_images(config, images_per_epoch=images_per_epoch)
        self.bf16 = _wants_bf16(config)
        self._first_bad_step = torch.tensor(-1, device=config.run.device)
        self._generate: Callable[[Tensor, Tensor], SPLOutput] = state.generator
        self._teach: Callable[[Tensor], Tensor] | None = state.pretext
        self._stages: Callable[[Tensor], list[Tensor]] | None = None
        if state.pretext is not None:
            self._stages = state.pretext.stages
        self.compiled = _wants_compile(config)
        if self.compiled:
            self._generate = torch.compile(state.generator)
            self._teach = None if state.pretext is None else torch.compile(state.pretext)
            self._stages = None if state.pretext is None else torch.compile(state.pretext.stages)

    @property
    def described(self) -> str:
        """Where and how it computes, such as "cuda in bf16, compiled"."""
        precision = "bf16" if self.bf16 else "fp32"
        return f"{self.config.run.device} in {precision}, {'compiled' if self.compiled else 'not compiled'}"

    def __call__(self, batch: Sample) -> dict[str, Tensor]:
        """Learn from a batch; returns the unweighted losses and the generator's total, for ``read``.

        A GPU is only told what to do: nothing here waits for it.
        """
        config, state = self.config, self.state
        epoch = state.images_seen // self.images_per_epoch + 1
        self._set_rate(epoch)
        batch = _to(batch, torch.device(config.run.device))
        with torch.autocast(batch.image.device.type, torch.bfloat16, enabled=self.bf16):
            output = self._generate(batch.image, batch.hole)
            feature = self._feature(batch, epoch)
        losses: dict[str, Tensor] = {}
        judge = None
        if state.adversary is not None:
            judge = self._in_precision(state.adversary.discriminator)
            losses["discriminator"] = discriminator_objective(judge, batch.image, output.painted)
            self._descend(
                state.adversary.discriminator, state.adversary.optimiser, losses["discriminator"], None
            )
        objective = generator_objective(
            output,
            batch.image,
            batch.hole,
            config.loss,
            feature=feature,
            judge=judge,
            perceive=None if self._stages is None else self._in_precision(self._stages),
        )
        self._descend(state.generator, state.optimiser, objective.total, config.optimiser.clip_norm)
        state.ema.update(state.generator, state.step)
        state.step += 1
        state.images_seen += len(batch.image)
        return {name: loss.detach() for name, loss in (objective.terms | losses).items()} | {
            "total": objective.total.detach()
        }

    def read(self, losses: dict[str, Tensor]) -> dict[str, float]:
        """The values of a step's losses; waits for the step.

        Raises:
            NonFiniteLossError: One of the losses up to now, or a weight, is NaN or infinite.
        """
        self.require_finite()
        values = torch.stack([loss.double() for loss in losses.values()]).tolist()
        return dict(zip(losses, values, strict=True))

    def require_finite(self) -> None:
        """Make sure that no step up to now has gone wrong: before anything is saved.

        Raises:
            NonFiniteLossError: One of the losses, or a weight, is NaN or infinite.
        """
        step = int(self._first_bad_step)
        weights: list[Tensor] = [each for network, _ in self._learners() for each in network.parameters()]
        if step < 0 and not bool(torch.stack(torch._foreach_norm(weights)).isfinite().all()):
            step = self.state.step
        if step >= 0:
            raise NonFiniteLossError(
                f"the loss and all weights must be finite, and are not at step {step}; lower optimiser.rate and resume "
                "from the last checkpoint"
            )

    def _learners(self) -> list[tuple[nn.Module, torch.optim.Optimizer]]:
        adversary = self.state.adversary
        return [
            (self.state.generator, self.state.optimiser),
            *([(adversary.discriminator, adversary.optimiser)] if adversary else []),
        ]

    def _set_rate(self, epoch: int) -> None:
        optimiser = self.config.optimiser
        factor = trapezoid(
            self.state.images_seen,
            total=self.total_images,
            warmup=optimiser.warmup_images,
            decay=round(optimiser.decay_share * self.total_images),
        ) * lowered(epoch, from_epoch=optimiser.lower_from_epoch)
        for _, each in self._learners():
            for group in each.param_groups:
                group["lr"] = optimiser.rate * factor

    def _feature(self, batch: Sample, epoch: int) -> Tensor | None:
        until = self.config.loss.distillation_until_epoch
        wanted = self.config.loss.distillation and (until is None or epoch <= until)
        if self._teach is None or not wanted:
            return None
        with torch.no_grad():
            return self._teach(batch.pretext_image)

    def _in_precision(self, network: Callable[[Tensor], _Output]) -> Callable[[Tensor], _Output]:
        def run(image: Tensor) -> _Output:
            with torch.autocast(image.device.type, torch.bfloat16, enabled=self.bf16):
                return network(image)

        return run

    def _descend(
        self, network: nn.Module, optimiser: torch.optim.Optimizer, loss: Tensor, clip_norm: float | None
    ) -> None:
        went_wrong = ~loss.detach().isfinite() & (self._first_bad_step < 0)
        self._first_bad_step = torch.where(went_wrong, self.state.step, self._first_bad_step)
        optimiser.zero_grad()
        torch.autograd.backward(loss, inputs=list(network.parameters()))
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(network.parameters(), clip_norm)
        optimiser.step()


def _save(stepper: Stepper, out: Path) -> None:
    stepper.require_finite()
    save_checkpoint(stepper.state, out)


def _validate(stepper: Stepper, pairs: list[ValidationPair], out: Path) -> None:
    stepper.require_finite()
    config, state = stepper.config, stepper.state

    def save(name: str) -> None:
        save_model(out / name, state.ema.network, config.generator, name=config.generator.architecture)

    if pairs:
        save("latest")  # with an adversary, the best PSNR is not the best picture
        psnr = validate(state.ema.network, pairs, out / "samples" / f"{state.images_seen:09d}.png")
        _log(out, state, {"val_psnr_in_hole": psnr})
        if psnr <= state.best_psnr:
            return
        state.best_psnr = psnr
    save("model")


def _wants_bf16(config: TrainingConfig) -> bool:
    if config.run.precision != "auto":
        return config.run.precision == "bf16"
    if config.run.device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    return has_amx_bf16()


def _wants_compile(config: TrainingConfig) -> bool:
    if config.run.compile != "auto":
        return config.run.compile
    headers = Path(sysconfig.get_path("include"), "Python.h").is_file()
    compiler = any(shutil.which(name) for name in ("cc", "gcc", "clang"))
    return config.run.device.startswith("cuda") and headers and compiler and find_spec("triton") is not None


def _is_over(config: TrainingConfig, begun: float) -> bool:
    limit = config.run.max_minutes
    return limit is not None and time.monotonic() - begun >= 60 * limit


class _Every:
    """Asked again and again, true once in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def __call__(self) -> bool:
        due = time.monotonic() - self._last > self._seconds
        if due:
            self._last = time.monotonic()
        return due


def _to(batch: Sample, device: torch.device) -> Sample:
    def move(tensor: Tensor) -> Tensor:
        return tensor.to(device, memory_format=torch.channels_last)

    return Sample(move(batch.image), move(batch.hole), move(batch.pretext_image), batch.name)


def _log(out: Path, state: TrainingState, values: dict[str, float]) -> None:
    row: dict[str, Any] = {
        "step": state.step,
        "images": state.images_seen,
        "seconds": round(state.elapsed_s, 1),
    }
    with (out / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(row | {name: round(value, 5) for name, value in values.items()}) + "\n")

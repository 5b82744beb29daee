"""One step of training: the generator paints, the discriminator learns, then the generator (SPL, sec. 3.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from splpaint.errors import NonFiniteLossError
from splpaint.networks import SPLOutput
from splpaint.random_streams import random_stream
from splpaint.training.checkpoint import TrainingState
from splpaint.training.config import LossConfig, TrainingPrecision
from splpaint.training.data import Sample, shrink_samples
from splpaint.training.objective import Judge, Perceive, discriminator_objective, generator_objective
from splpaint.training.processes import Processes, without_averaging
from splpaint.training.schedule import Schedule

__all__ = ["Networks", "Stepper"]

_Output = TypeVar("_Output")


class Networks(NamedTuple):
    """The networks of a training state as a step runs them: themselves, or compiled.

    Attributes:
        generate: (B,3,H,W) image and (B,1,H,W) hole => the generator's output.
        judge: The discriminator, as it learns; None: no adversarial loss.
        teach: (B,3,P,P) image => (B,C,h,w) feature of the pretext network; None: no distillation.
        perceive: The pretext network's stages; None: no perceptual loss.
        demonstrate: (B,3,H,W) image and (B,1,H,W) hole => what the teacher paints; None: no imitation.
    """

    generate: Callable[[Tensor, Tensor], SPLOutput]
    judge: Judge | None = None
    teach: Callable[[Tensor], Tensor] | None = None
    perceive: Perceive | None = None
    demonstrate: Callable[[Tensor, Tensor], Tensor] | None = None


class Stepper:
    """Takes one optimiser step after the other, together with other processes.

    Args:
        state: The weights that learn, their optimisers, and the counters; changed by every step.
        networks: How they are run.
        loss: Weights of the losses.
        schedule: Rate, distillation and the samples' size by the images seen.
        clip_norm: Largest norm of the generator's gradient; None: any.
        precision: Of the networks; bf16, fp16: under autocast. Weights stay float32, losses are at least that.
        seed: What a step draws at random is a function of (seed, step, rank).
        accumulate: Parts in which a batch is worked off; the generator paints each part twice, for its own step and,
            before it, for the discriminator's.
        processes: All of which take this step, each with its share of the batch.
    """

    def __init__(
        self,
        state: TrainingState,
        networks: Networks,
        loss: LossConfig,
        schedule: Schedule,
        *,
        clip_norm: float | None = None,
        precision: TrainingPrecision = "fp32",
        seed: int = 0,
        accumulate: int = 1,
        processes: Processes | None = None,
    ) -> None:
        processes = processes or Processes("cpu")
        self.state = state
        self.processes = processes
        self.accumulate = accumulate
        self.generate = networks.generate
        self.teach = networks.teach
        self.judge = networks.judge
        self.perceive = networks.perceive
        self.demonstrate = networks.demonstrate
        self.loss = loss
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.precision = precision
        self.seed = seed
        self.device = next(state.generator.parameters()).device
        self._first_bad_step = torch.tensor(-1, device=self.device)

    def __call__(self, batch: Sample) -> dict[str, Tensor]:
        """Learn from this process's share of a batch.

        A GPU is only told what to do: nothing here waits for it.

        Returns:
            The unweighted losses and the generator's total, means over all processes, for ``read``.
        """
        state = self.state
        torch.manual_seed(
            random_stream(self.seed, state.step, self.processes.rank).randint(2**62, dtype=np.int64)
        )
        self._set_rate(self.schedule.rate(state.images_seen))
        batch = shrink_samples(_on(self.device, batch), self.schedule.side_px(state.images_seen))
        parts = _parts(batch, self.accumulate)

        # The discriminator first, on the painting of before the generator's step; then the generator against the new
        # discriminator.
        output, judged = self._judge(parts)
        painted = self._paint(parts, output)
        state.scaler.update()
        losses = self.processes.mean(painted | judged)
        self._watch(losses.values())

        state.ema.update(state.generator, state.step)
        state.step += 1
        state.images_seen += len(batch.image) * self.processes.count
        return losses

    def _judge(self, parts: Sequence[_Part]) -> tuple[SPLOutput | None, dict[str, Tensor]]:
        """The discriminator's step; returns the painting as well, where the generator's step can use it."""
        state, adversary = self.state, self.state.adversary
        if adversary is None or self.judge is None:
            return None, {}
        adversary.optimiser.zero_grad()
        losses: dict[str, Tensor] = {}
        for part in parts:
            with torch.set_grad_enabled(len(parts) == 1), self._autocast():
                output = self.generate(part.batch.image, part.batch.hole)
            with self._averaging(self.judge, part):
                loss = discriminator_objective(
                    self._in_precision(self.judge), part.batch.image, output.painted
                )
                self._backward(loss, part, adversary.discriminator)
            part.add(losses, {"discriminator": loss})
        state.scaler.step(adversary.optimiser)
        return (output if len(parts) == 1 else None), losses

    def _paint(self, parts: Sequence[_Part], output: SPLOutput | None) -> dict[str, Tensor]:
        """The generator's step."""
        state = self.state
        # The discriminator itself, after its own step: what averages its gradients would wait for them.
        adversary = state.adversary
        judge = None if adversary is None else self._in_precision(adversary.discriminator)
        state.optimiser.zero_grad()
        losses: dict[str, Tensor] = {}
        for part in parts:
            with self._averaging(self.generate, part):
                with self._autocast():
                    output = output or self.generate(part.batch.image, part.batch.hole)
                feature = self._feature(part.batch)
                objective = generator_objective(
                    output,
                    part.batch.image,
                    part.batch.hole,
                    self.loss,
                    feature=feature,
                    taught=self.demonstrate and self.demonstrate(part.batch.image, part.batch.hole),
                    judge=judge,
                    perceive=self.perceive and self._in_precision(self.perceive),
                )
                # What averages gradients waits for those of all weights, also where the prior is not distilled.
                waits = feature is None and self.processes.count > 1
                unused = (0 * output.prior).sum() if waits else 0
                self._backward(objective.total + unused, part, state.generator)
            part.add(losses, objective.terms | {"total": objective.total})
            output = None
        if self.clip_norm is not None:
            state.scaler.unscale_(state.optimiser)
            torch.nn.utils.clip_grad_norm_(state.generator.parameters(), self.clip_norm)
        state.scaler.step(state.optimiser)
        return losses

    def _averaging(self, network: object, part: _Part) -> AbstractContextManager[object]:
        return nullcontext() if part.last else without_averaging(network)

    def _backward(self, loss: Tensor, part: _Part, network: nn.Module) -> None:
        scaled = self.state.scaler.scale(loss if part.weight == 1 else part.weight * loss)
        # ``inputs``: the loss leaves gradients in no other network.
        torch.autograd.backward(scaled, inputs=list(network.parameters()))

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
        if step < 0 and not self._weights_are_finite():
            step = self.state.step
        if step >= 0:
            raise NonFiniteLossError(
                f"the loss and all weights must be finite, and are not at step {step}; lower optimiser.rate and resume "
                "from the last checkpoint"
            )

    def _set_rate(self, rate: float) -> None:
        adversary = self.state.adversary
        for optimiser in (self.state.optimiser, *([adversary.optimiser] if adversary else [])):
            for group in optimiser.param_groups:
                group["lr"] = rate

    def _feature(self, batch: Sample) -> Tensor | None:
        if self.teach is None or not self.schedule.distils(self.state.images_seen):
            return None
        with torch.no_grad(), self._autocast():
            return self.teach(batch.pretext_image)

    def _watch(self, losses: Iterable[Tensor]) -> None:
        # Remembered on the device: to ask the losses themselves would wait for a GPU.
        finite = torch.stack([loss.isfinite() for loss in losses]).all()
        self._first_bad_step = torch.where(
            ~finite & (self._first_bad_step < 0), self.state.step, self._first_bad_step
        )

    def _weights_are_finite(self) -> bool:
        adversary = self.state.adversary
        learners = [self.state.generator, *([adversary.discriminator] if adversary else [])]
        weights: list[Tensor] = [each for network in learners for each in network.parameters()]
        return bool(torch.stack(torch._foreach_norm(weights)).isfinite().all())

    def _in_precision(self, network: Callable[[Tensor], _Output]) -> Callable[[Tensor], _Output]:
        def run(image: Tensor) -> _Output:
            with self._autocast():
                return network(image)

        return run

    def _autocast(self) -> torch.autocast:
        dtype = torch.float16 if self.precision == "fp16" else torch.bfloat16
        return torch.autocast(self.device.type, dtype, enabled=self.precision != "fp32")


class _Part(NamedTuple):
    """A part of a batch.

    Attributes:
        batch: Its samples.
        weight: Their share of the batch, in [0,1].
        last: Whether it is the last of the batch.
    """

    batch: Sample
    weight: float
    last: bool

    def add(self, losses: dict[str, Tensor], terms: dict[str, Tensor]) -> None:
        """Add this part's terms to the losses of the batch."""
        for name, term in terms.items():
            losses[name] = losses.get(name, torch.zeros_like(term)) + self.weight * term.detach()


def _parts(batch: Sample, count: int) -> list[_Part]:
    pieces = list(
        zip(batch.image.chunk(count), batch.hole.chunk(count), batch.pretext_image.chunk(count), strict=True)
    )
    return [
        _Part(Sample(*piece, batch.name), len(piece[0]) / len(batch.image), last=number == len(pieces) - 1)
        for number, piece in enumerate(pieces)
    ]


def _on(device: torch.device, batch: Sample) -> Sample:
    def move(tensor: Tensor) -> Tensor:
        return tensor.to(device, memory_format=torch.channels_last)

    return Sample(move(batch.image), move(batch.hole), move(batch.pretext_image), batch.name)

"""One step of training: the generator paints, the discriminator learns, then the generator (SPL, sec. 3.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from splpaint.errors import NonFiniteLossError
from splpaint.networks import SPLOutput
from splpaint.precision import Precision
from splpaint.random_streams import random_stream
from splpaint.training.checkpoint import TrainingState
from splpaint.training.config import LossConfig
from splpaint.training.data import Sample
from splpaint.training.objective import Judge, Perceive, discriminator_objective, generator_objective
from splpaint.training.schedule import Schedule

__all__ = ["Networks", "Stepper"]

_Output = TypeVar("_Output")


class Networks(NamedTuple):
    """The networks of a training state as a step runs them: themselves, or compiled.

    Attributes:
        generate: (B,3,H,W) image and (B,1,H,W) hole => the generator's output.
        judge: The discriminator; None: no adversarial loss.
        teach: (B,3,P,P) image => (B,C,h,w) feature of the pretext network; None: no distillation.
        perceive: The pretext network's stages; None: no perceptual loss.
    """

    generate: Callable[[Tensor, Tensor], SPLOutput]
    judge: Judge | None = None
    teach: Callable[[Tensor], Tensor] | None = None
    perceive: Perceive | None = None


class Stepper:
    """Takes one optimiser step after the other.

    Args:
        state: The weights that learn, their optimisers, and the counters; changed by every step.
        networks: How they are run.
        loss: Weights of the losses.
        schedule: Rate and distillation by the images seen.
        clip_norm: Largest norm of the generator's gradient; None: any.
        precision: Of the networks; bf16: under autocast. Weights stay float32, losses are computed in it at least.
        seed: What a step draws at random is a function of (seed, step).
    """

    def __init__(
        self,
        state: TrainingState,
        networks: Networks,
        loss: LossConfig,
        schedule: Schedule,
        *,
        clip_norm: float | None = None,
        precision: Precision = "fp32",
        seed: int = 0,
    ) -> None:
        self.state = state
        self.generate = networks.generate
        self.teach = networks.teach
        self.judge = None if networks.judge is None else self._in_precision(networks.judge)
        self.perceive = None if networks.perceive is None else self._in_precision(networks.perceive)
        self.loss = loss
        self.schedule = schedule
        self.clip_norm = clip_norm
        self.precision = precision
        self.seed = seed
        self.device = next(state.generator.parameters()).device
        self._first_bad_step = torch.tensor(-1, device=self.device)

    def __call__(self, batch: Sample) -> dict[str, Tensor]:
        """Learn from a batch; returns the unweighted losses and the generator's total, for ``read``.

        A GPU is only told what to do: nothing here waits for it.
        """
        state, adversary = self.state, self.state.adversary
        torch.manual_seed(random_stream(self.seed, state.step).randint(2**62, dtype=np.int64))
        self._set_rate(self.schedule.rate(state.images_seen))
        batch = _on(self.device, batch)
        with self._autocast():
            output = self.generate(batch.image, batch.hole)
        feature = self._feature(batch)

        # The discriminator first, on the painting of before the generator's step; then the generator against the new
        # discriminator. ``inputs``: neither loss leaves gradients in the other network.
        losses: dict[str, Tensor] = {}
        if adversary is not None and self.judge is not None:
            loss = discriminator_objective(self.judge, batch.image, output.painted)
            adversary.optimiser.zero_grad()
            torch.autograd.backward(loss, inputs=list(adversary.discriminator.parameters()))
            adversary.optimiser.step()
            losses["discriminator"] = self._watch(loss)

        objective = generator_objective(
            output,
            batch.image,
            batch.hole,
            self.loss,
            feature=feature,
            judge=self.judge,  # as it is after its own step
            perceive=self.perceive,
        )
        state.optimiser.zero_grad()
        torch.autograd.backward(objective.total, inputs=list(state.generator.parameters()))
        if self.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(state.generator.parameters(), self.clip_norm)
        state.optimiser.step()
        losses = objective.terms | losses | {"total": self._watch(objective.total)}

        state.ema.update(state.generator, state.step)
        state.step += 1
        state.images_seen += len(batch.image)
        return {name: loss.detach() for name, loss in losses.items()}

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

    def _watch(self, loss: Tensor) -> Tensor:
        # Remembered on the device: to ask the loss itself would wait for a GPU.
        went_wrong = ~loss.detach().isfinite() & (self._first_bad_step < 0)
        self._first_bad_step = torch.where(went_wrong, self.state.step, self._first_bad_step)
        return loss

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
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")


def _on(device: torch.device, batch: Sample) -> Sample:
    def move(tensor: Tensor) -> Tensor:
        return tensor.to(device, memory_format=torch.channels_last)

    return Sample(move(batch.image), move(batch.hole), move(batch.pretext_image), batch.name)

"""The configuration of a training run; a recipe is a TOML file of what differs from these defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from splpaint.networks.config import GeneratorConfig, PretextConfig, SPLConfig


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataConfig(_Section):
    """What is trained on.

    Attributes:
        images: Folder or list file of training photographs.
        val: Folder or list file of validation photographs; none: no validation.
        masks: Mask source.
        size_px: Side of a training sample.
        short_side_px: Photographs are seen at a shorter side drawn from this range.
        mask_sizes_px: Masks are drawn at one of these sizes and cut to a sample's.
        workers: Loading processes.
        cache: Keep decoded photographs in memory; for some hundreds of pictures.
    """

    images: Path
    val: Path | None = None
    masks: Literal["irregular"] = "irregular"
    size_px: int = Field(default=128, ge=64)
    short_side_px: tuple[int, int] = (192, 512)
    mask_sizes_px: tuple[int, ...] = (128, 256)
    workers: int = Field(default=1, ge=0)
    cache: bool = False


class LossConfig(_Section):
    """Weights of the losses: L1 in the hole, L1 on known pixels, distillation."""

    hole: float = 6.0
    known: float = 1.0
    distillation: float = 0.3


class OptimiserConfig(_Section):
    """AdamW; the rate rises over ``warmup_images``, stays, and falls to zero over the run's last share."""

    rate: float = 6e-4
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.01
    warmup_images: int = 2_000
    decay_share: float = Field(default=0.25, ge=0, le=1)
    clip_norm: float = 1.0
    ema_decay: float = 0.999


class RunConfig(_Section):
    """One run.

    Attributes:
        out: Folder of the run.
        seed: Seed of weights, samples and masks.
        images: Training samples to see in all.
        batch_size: Samples per step.
        init: Model folder whose weights the run starts from (a warm start; the optimiser starts anew).
        precision: bf16 = autocast; auto = bf16 where the processor has AMX or the GPU has bf16, else fp32.
        device: Where to train.
        compile: Fuse the networks with torch.compile; needs a C++ compiler, takes a minute at the start.
        checkpoint_minutes: Time between checkpoints.
        validate_minutes: Time between validations and sample sheets.
    """

    out: Path
    seed: int = 0
    images: int = 100_000
    batch_size: int = 16
    init: Path | None = None
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    device: str = "cpu"
    compile: bool = False
    checkpoint_minutes: float = 5.0
    validate_minutes: float = 10.0


class TrainingConfig(_Section):
    """A whole run: the networks, the data, the losses, the optimiser, the run."""

    generator: GeneratorConfig = SPLConfig()
    pretext: PretextConfig = PretextConfig()
    data: DataConfig
    loss: LossConfig = LossConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    run: RunConfig

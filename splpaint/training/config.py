"""The configuration of a training run; a recipe is a TOML file of what differs from these defaults, the paper's."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from splpaint.masks import Polarity
from splpaint.networks import GeneratorConfig, PretextConfig, SPLConfig
from splpaint.precision import Precision

TrainingPrecision = Literal[Precision, "fp16"]
"""What the networks of a run compute in."""

SampleView = Literal["whole", "centre", "crop"]
"""How a photograph becomes a square: squeezed, its central square, or a random square."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataConfig(_Section):
    """What is trained on.

    Attributes:
        images: Training photographs: a folder, a list file, tar shards (a path, a pattern or URLs) or a Hugging Face
            dataset, as ``open_pictures`` takes them.
        val: Validation photographs, likewise; none: no validation.
        val_photographs: At most so many of them are used, evenly spaced; each with four masks.
        masks: As ``open_masks`` takes them: a kind that is drawn, object:FOLDER, a collection
            such as nvidia-train:FOLDER, or a folder or list file of masks.
        mask_polarity: What white means in mask files; where neither this nor a collection says: the hole.
        mask_any_ratio: Accept mask files whose holes cover most of the image.
        mask_augmentation: Changes made to every mask, in this order, of "crop", "dilate", "flip", "rotate",
            "translate".
        size_px: Side of a training sample.
        view: How a photograph becomes a square: "whole" squeezes it, "centre" takes its central square, "crop" a
            random square.
        short_side_px: For "crop": the range from which the shorter side that a photograph is seen at is drawn.
        mask_sizes_px: Masks are drawn at one of these sizes, and a sample's size is cut from them.
        progressive: Pairs of a side and a number: samples are shrunk to this side until so many were seen; ``size_px``
            holds after the last.
        colour: Strength of random colour changes (gamma, brightness, tint, saturation, hue), from 0, none, to 1.
        workers: Loading processes; with ``resident``, those that draw masks.
        shuffle_buffer: How many photographs are shuffled at a time where they come from URLs, one after the other;
            twice as many files are in memory.
        cache: Keep decoded photographs in memory; for some hundreds of them.
        resident: Keep decoded photographs, at the size that samples need, on the training device, and make samples
            there; the memory that this takes is reported, and refused if there is less.
        resident_masks: With ``resident``: how many different masks are kept there; a run with more samples uses
            them again, with other photographs.
    """

    images: str
    val: str | None = None
    val_photographs: int = Field(default=50, ge=1)
    masks: str = "irregular"
    mask_polarity: Polarity | None = None
    mask_any_ratio: bool = False
    mask_augmentation: tuple[str, ...] = ()
    size_px: int = Field(default=256, ge=64)
    view: SampleView = "whole"
    short_side_px: tuple[int, int] = (256, 512)
    mask_sizes_px: tuple[int, ...] = (256,)
    progressive: tuple[tuple[int, int], ...] = ()
    colour: float = Field(default=0.0, ge=0, le=1)
    workers: int = Field(default=1, ge=0)
    shuffle_buffer: int = Field(default=1000, ge=1)
    cache: bool = False
    resident: bool = False
    resident_masks: int = Field(default=20_000, ge=1)

    @model_validator(mode="after")
    def _grows(self) -> DataConfig:
        for (side, until), (next_side, next_until) in pairwise((*self.progressive, (self.size_px, math.inf))):
            if not (0 < side < next_side and 0 < until < next_until):
                raise ValueError(
                    "progressive must have rising sides below size_px and rising numbers of images, such as "
                    "[[64, 20000], [128, 50000]]"
                )
        return self


class LossConfig(_Section):
    """Weights of the losses; a weight of 0 switches its loss off.

    Attributes:
        reconstruction: L1 over all pixels, those of the hole counting three times (SPL, eq. 5).
        distillation: L1 between prior and pretext feature, the hole counting four times (SPL, eq. 2).
        distillation_until_epoch: Last epoch, counted from 1, with distillation; none: all.
        adversarial: Binary cross entropy on patches (SPL, eq. 6).
        perceptual: L1 between the pretext network's features of the painted and of the true image, at every stage up
            to the pretext feature's, over the hole's area.
        hole: L1 in the hole, over the hole's area.
        known: L1 on known pixels, over their area.
        psnr: Minus the PSNR in the hole, in dB.
        teacher: Another painter: the name of a bundled or an added model, or a model folder.
        imitation: L1 in the hole between the painted image and what ``teacher`` paints, at four sizes.
    """

    reconstruction: float = 10.0
    distillation: float = 1.0
    distillation_until_epoch: int | None = None
    adversarial: float = 1.0
    perceptual: float = 0.0
    hole: float = 0.0
    known: float = 0.0
    psnr: float = 0.0
    teacher: Path | None = None
    imitation: float = 0.0

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> LossConfig:
        if (self.teacher is None) != (self.imitation == 0):
            raise ValueError("teacher and imitation, its weight, must be given together")
        return self


class OptimiserConfig(_Section):
    """AdamW (Adam, as long as ``weight_decay`` is 0), for the generator and the discriminator.

    Attributes:
        rate: Learning rate.
        betas: Adam's.
        weight_decay: AdamW's.
        warmup_images: Samples over which the rate rises from 0.
        decay_share: Share of the run, its last, over which the rate falls to 0.
        lower_from_epoch: First epoch, counted from 1, with a tenth of the rate; none: never.
        clip_norm: Largest norm of the generator's gradient; none: any.
        ema_decay: Decay of the moving average of the weights, which is validated and released; 0: the weights
            themselves.
    """

    rate: float = 1e-4
    betas: tuple[float, float] = (0.0, 0.9)
    weight_decay: float = 0.0
    warmup_images: int = 0
    decay_share: float = Field(default=0.0, ge=0, le=1)
    lower_from_epoch: int | None = None
    clip_norm: float | None = None
    ema_decay: float = Field(default=0.0, ge=0, lt=1)


class RunConfig(_Section):
    """One run.

    Attributes:
        out: Folder of the run.
        seed: Seed of weights, samples and masks.
        epochs: How often each photograph is seen; either this or ``images``.
        images: How many samples are seen in all.
        batch_size: Samples per step, of all processes together.
        accumulate: Parts in which a process works its share of a batch off, one after the other, to need less memory.
        init: Model folder, or name of a bundled model, whose weights the run starts from; the optimisers start from
            nothing.
        precision: bf16, fp16 = autocast, fp16 with scaled losses; auto = bf16 where the processor (AVX-512 BF16, AMX)
            or the GPU multiplies it, else fp32.
        device: Where to train; of several processes with cuda each has a GPU.
        max_minutes: The run saves its state and ends this many minutes after its start; ``resume`` continues it.
        compile: Fuse the networks with torch.compile; needs a C++ compiler, takes a minute at the start; auto = on a
            GPU, where Triton, a C compiler and Python's headers are installed.
        trackers: Programs that are told every row of ``log.jsonl``: "tensorboard" (its files lie in the run's folder),
            "wandb" (needs an account, or ``WANDB_MODE=offline``).
        checkpoint_minutes: Time between checkpoints.
        keep_checkpoints: So many of the last checkpoints are kept, besides the one of the best validation.
        validate_images: Samples between validations and sample sheets.
    """

    out: Path
    seed: int = 0
    epochs: int | None = Field(default=None, ge=1)
    images: int | None = Field(default=None, ge=1)
    batch_size: int = Field(default=8, ge=1)
    accumulate: int = Field(default=1, ge=1)
    init: Path | None = None
    precision: Literal["auto", TrainingPrecision] = "auto"
    device: str = "cpu"
    max_minutes: float | None = Field(default=None, gt=0)
    compile: bool | Literal["auto"] = "auto"
    trackers: tuple[Literal["tensorboard", "wandb"], ...] = ()
    checkpoint_minutes: float = 5.0
    keep_checkpoints: int = Field(default=2, ge=1)
    validate_images: int = Field(default=20_000, ge=1)

    @model_validator(mode="after")
    def _has_an_end(self) -> RunConfig:
        if (self.epochs is None) == (self.images is None):
            raise ValueError("exactly one of epochs and images must say when the run ends")
        return self


class DiscriminatorConfig(_Section):
    """The patch discriminator, present where ``loss.adversarial`` is not 0.

    Attributes:
        channels: Outputs of its first four convolutions.
    """

    channels: tuple[int, int, int, int] = (64, 128, 256, 512)


class TrainingConfig(_Section):
    """A whole run: the networks, the data, the losses, the optimiser, the run."""

    generator: GeneratorConfig = SPLConfig()
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    pretext: PretextConfig = PretextConfig()
    data: DataConfig
    loss: LossConfig = LossConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    run: RunConfig

    @model_validator(mode="after")
    def _can_be_painted(self) -> TrainingConfig:
        multiple = self.generator.size_multiple
        for side, _ in self.data.progressive:
            if side % multiple:
                raise ValueError(
                    f"data.progressive must have multiples of {multiple}, which the generator takes, got {side}"
                )
        return self

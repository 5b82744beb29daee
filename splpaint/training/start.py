"""The start of a run: its folder, its samples, its networks with their optimisers, new or from a checkpoint."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from splpaint.atomic_files import remove_all_leftovers, write_atomic
from splpaint.datasets import open_pictures
from splpaint.errors import InputError, ModelError
from splpaint.inference.models import BUNDLED
from splpaint.masks import ParameterNames, open_masks
from splpaint.networks import (
    GeneratorConfig,
    PatchDiscriminator,
    PretextNetwork,
    build_generator,
    load_model,
    load_pretext,
)
from splpaint.training.arithmetic import choose_arithmetic
from splpaint.training.batches import Batches, open_batches
from splpaint.training.checkpoint import CHECKPOINT_FILE, Adversary, TrainingState, read_checkpoint, restore
from splpaint.training.config import TrainingConfig
from splpaint.training.data import InpaintingDataset, Sample, UnreadableLog
from splpaint.training.ema import EMA
from splpaint.training.processes import Processes
from splpaint.training.schedule import Schedule
from splpaint.training.step import Networks, Stepper
from splpaint.training.teacher import load_teacher
from splpaint.training.validation import ValidationPair, validation_pairs

__all__ = ["Run", "open_dataset", "open_run", "open_stepper", "start_training"]

_CALIBRATION_BATCHES = 4


class Run(NamedTuple):
    """Everything that the loop needs.

    Attributes:
        config: The whole run.
        processes: That train together.
        samples: This process's share of the batches that are left.
        unreadable: The list of photographs that cannot be decoded.
        stepper: Learns from a batch.
        pairs: For validation; may be none.
        total_images: Samples of the whole run.
        start_s: When the run started, by ``time.monotonic``.
    """

    config: TrainingConfig
    processes: Processes
    samples: Generator[Sample]
    unreadable: UnreadableLog
    stepper: Stepper
    pairs: Sequence[ValidationPair]
    total_images: int
    start_s: float


def open_run(
    config: TrainingConfig, processes: Processes, *, resume: bool, say: Callable[[str], object]
) -> Run:
    """Make the run's folder with its ``config.json``, and open everything that the run needs.

    Args:
        config: The whole run.
        processes: That train together.
        resume: Continue from the folder's checkpoint.
        say: Tells the user one line.

    Raises:
        InputError: No photographs, more than 1 % of them cannot be decoded, the folder holds a run and ``resume`` is
            off, or the batch or the configuration does not suit the processes.
        ModelError: A checkpoint or weights are missing or do not fit.
    """
    start_s = time.monotonic()
    share, out = processes.share_of(config.run.batch_size), config.run.out
    if processes.first:
        _make_folder(config, resume=resume)
        remove_all_leftovers(out)
    dataset = open_dataset(config)
    count = len(dataset.pictures)
    _require_same(config, count, processes)
    pairs = _open_validation(config)
    unreadable = UnreadableLog(out if processes.first else None, count, resume=resume)
    total = config.run.images or (config.run.epochs or 0) * count
    batches = open_batches(config, dataset, processes, total_images=total, unreadable=unreadable, say=say)
    state = start_training(config, batches, processes, resume=resume, say=say)
    stepper = open_stepper(config, state, processes, total_images=total, images_per_epoch=count, say=say)
    samples = batches(
        batch_size=share,
        start=state.images_seen,
        stop=processes.end_of(state.images_seen, total),
        workers=config.data.workers,
        rank=processes.rank,
        world_size=processes.count,
    )
    return Run(config, processes, samples, unreadable, stepper, pairs, total, start_s)


def open_dataset(config: TrainingConfig) -> InpaintingDataset:
    """The samples that a run is trained on."""
    return InpaintingDataset(
        open_pictures(config.data.images),
        size_px=config.data.size_px,
        pretext_size_px=round(config.data.size_px * config.pretext.scale),
        view=config.data.view,
        short_side_px=config.data.short_side_px,
        masks=open_masks(
            config.data.masks,
            polarity=config.data.mask_polarity,
            any_ratio=config.data.mask_any_ratio,
            names=ParameterNames("data.mask_polarity", "data.mask_any_ratio=true"),
        ),
        mask_sizes_px=config.data.mask_sizes_px,
        mask_augmentations=config.data.mask_augmentation,
        colour=config.data.colour,
        seed=config.run.seed,
        shuffle_buffer=config.data.shuffle_buffer,
        cache=config.data.cache,
    )


def start_training(
    config: TrainingConfig,
    batches: Batches,
    processes: Processes,
    *,
    resume: bool,
    say: Callable[[str], object],
) -> TrainingState:
    """Build the networks and their optimisers, or restore them from the run's checkpoint.

    Args:
        config: The whole run.
        batches: Where the pretext network's standardisation is measured.
        processes: That train together.
        resume: Restore them.
        say: Tells the user one line.
    """
    torch.manual_seed(config.run.seed)
    device = processes.device
    torch.backends.cudnn.benchmark = device.type == "cuda"  # every batch has the same shape
    generator: nn.Module = build_generator(config.generator)
    if config.run.init is not None and not resume:
        generator.load_state_dict(_initial_weights(config.run.init, config.generator))
    generator = generator.to(device).to(memory_format=torch.channels_last)
    pretext: PretextNetwork | None = None
    if config.loss.distillation or config.loss.perceptual:
        pretext = load_pretext(config.pretext).to(device).to(memory_format=torch.channels_last)
    adversary = None
    if config.loss.adversarial:
        discriminator = (
            PatchDiscriminator(config.discriminator.channels).to(device).to(memory_format=torch.channels_last)
        )
        adversary = Adversary(discriminator, _optimiser(discriminator, config))
    ema = EMA(generator, config.optimiser.ema_decay)
    state = TrainingState(generator, ema, _optimiser(generator, config), pretext, adversary)
    state.scaler = torch.amp.GradScaler(device.type, enabled=config.run.precision == "fp16")
    if resume:
        content = processes.from_first(read_checkpoint(config.run.out, say=say) if processes.first else {})
        restore(state, content)
        for change in _changes(json.loads(content["recipe"]), config.model_dump(mode="json")):
            say(f"other than before: {change}")
        return state
    if pretext is not None:
        _calibrate(pretext, config, batches)
    if config.run.init is not None:
        state.images_validated = -1  # what the run starts from may be the best
    return state


def open_stepper(
    config: TrainingConfig,
    state: TrainingState,
    processes: Processes,
    *,
    total_images: int,
    images_per_epoch: int,
    say: Callable[[str], object],
) -> Stepper:
    """Build what takes the steps of a run, and say how it computes.

    Args:
        config: The whole run.
        state: From ``start_training``.
        processes: That train together.
        total_images: Samples of the whole run.
        images_per_epoch: How many photographs there are.
        say: Tells the user one line.
    """
    arithmetic = processes.from_first(choose_arithmetic(config.run))
    together = f", {processes.count} processes" if processes.count > 1 else ""
    say(f"training on {arithmetic}{together}")
    schedule = Schedule(
        config.optimiser,
        total_images,
        images_per_epoch,
        config.loss.distillation_until_epoch,
        config.data.progressive,
    )
    return Stepper(
        state,
        _networks(state, config, processes, compiled=arithmetic.compiled),
        config.loss,
        schedule,
        clip_norm=config.optimiser.clip_norm,
        precision=arithmetic.precision,
        seed=config.run.seed,
        accumulate=config.run.accumulate,
        processes=processes,
    )


def _make_folder(config: TrainingConfig, *, resume: bool) -> None:
    out = config.run.out
    if (out / CHECKPOINT_FILE).exists() and not resume:
        raise InputError(
            f"{out} must be a new folder, but holds a run; pass `resume=True` or another run.out"
        )
    write_atomic(out / "config.json", (config.model_dump_json(indent=2) + "\n").encode())


def _open_validation(config: TrainingConfig) -> list[ValidationPair]:
    if config.data.val is None:
        return []
    return validation_pairs(
        open_pictures(config.data.val),
        size_px=config.generator.working_size_px,
        most_photographs=config.data.val_photographs,
    )


def _initial_weights(name_or_folder: Path, wanted: GeneratorConfig) -> dict[str, torch.Tensor]:
    """Those of a bundled model or a model folder, which must be of the recipe's generator."""
    generator, config = load_model(BUNDLED.get(str(name_or_folder), name_or_folder))
    theirs, ours = config.model_dump(), wanted.model_dump()
    differing = [
        name for name in theirs | ours if name != "working_size_px" and theirs.get(name) != ours.get(name)
    ]
    if differing:
        named = ", ".join(f"generator.{name}={theirs[name]}" for name in differing if name in theirs)
        raise ModelError(
            f"run.init={name_or_folder} must hold the recipe's generator, but differs from it; choose another recipe, "
            f"or give it {named}"
        )
    return generator.state_dict()


def _networks(
    state: TrainingState, config: TrainingConfig, processes: Processes, *, compiled: bool
) -> Networks:
    def run(function: Callable[..., Any]) -> Callable[..., Any]:
        # By itself torch would compile the second size for any size, but not in a run that is resumed after the first.
        any_size = False if config.data.progressive else None
        return torch.compile(function, dynamic=any_size) if compiled else function

    pretext, adversary, loss = state.pretext, state.adversary, config.loss
    return Networks(
        generate=run(processes.together(state.generator)),
        judge=None if adversary is None else processes.together(adversary.discriminator),
        teach=run(pretext) if pretext is not None and loss.distillation else None,
        perceive=run(pretext.stages) if pretext is not None and loss.perceptual else None,
        demonstrate=None if loss.teacher is None else load_teacher(loss.teacher, processes.device),
    )


def _require_same(config: TrainingConfig, photographs: int, processes: Processes) -> None:
    ours = {"photographs": photographs} | config.model_dump(mode="json", exclude={"run": {"out"}})
    for difference in _changes(processes.from_first(ours), ours):
        raise InputError(
            f"recipe and photographs must be the same in all processes, got {difference} in the first; give "
            "all machines the same command and the same files"
        )


def _changes(before: dict[str, Any], now: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Such as "run.images=12, was 6"."""
    for key, value in now.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            yield from _changes(old, value, f"{prefix}{key}.")
        elif value != old:
            yield f"{prefix}{key}={value}, was {old}"


def _optimiser(network: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    settings = config.optimiser
    return torch.optim.AdamW(
        network.parameters(),
        lr=settings.rate,
        betas=settings.betas,
        weight_decay=settings.weight_decay,
        fused=True if config.run.device.startswith("cuda") else None,
    )


def _calibrate(pretext: PretextNetwork, config: TrainingConfig, batches: Batches) -> None:
    """Measure what losses count features in, on the first samples of the run, the same in all processes."""
    size, device = config.run.batch_size, pretext.feature_mean.device
    samples = list(batches(batch_size=size, start=0, stop=_CALIBRATION_BATCHES * size, workers=0))
    if config.pretext.standardise:
        pretext.standardise([batch.pretext_image.to(device) for batch in samples])
    if config.loss.perceptual:
        pretext.measure_stages([batch.image.to(device) for batch in samples])

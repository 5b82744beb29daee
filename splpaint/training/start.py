"""What a run starts from: its folder, its data, its networks with their optimisers, anew or from a checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from splpaint.atomic_files import write_atomic
from splpaint.datasets import open_pictures
from splpaint.errors import InputError
from splpaint.masks import OptionNames, open_masks
from splpaint.networks import PatchDiscriminator, PretextNetwork, build_generator, load_model, load_pretext
from splpaint.training.batches import Batches
from splpaint.training.checkpoint import CHECKPOINT_FILE, Adversary, TrainingState, load_checkpoint
from splpaint.training.config import TrainingConfig
from splpaint.training.data import InpaintingDataset
from splpaint.training.ema import EMA
from splpaint.training.validation import ValidationPair, validation_pairs

__all__ = ["open_dataset", "open_run", "open_validation", "start_training", "total_images"]

_CALIBRATION_BATCHES = 4


def open_run(config: TrainingConfig, *, resume: bool) -> Path:
    """Make the run's folder and write ``config.json``.

    Raises:
        InputError: It holds a run, and ``resume`` was not asked for.
    """
    out = config.run.out
    if (out / CHECKPOINT_FILE).exists() and not resume:
        raise InputError(f"{out} must be a new folder, but holds a run; pass --resume or another run.out")
    write_atomic(out / "config.json", (config.model_dump_json(indent=2) + "\n").encode())
    return out


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
            options=OptionNames("data.mask_polarity=", "data.mask_any_ratio=true"),
        ),
        mask_sizes_px=config.data.mask_sizes_px,
        mask_augmentations=config.data.mask_augmentation,
        colour=config.data.colour,
        seed=config.run.seed,
        shuffle_buffer=config.data.shuffle_buffer,
        cache=config.data.cache,
    )


def open_validation(config: TrainingConfig) -> list[ValidationPair]:
    """What it is validated on; nothing where no pictures are named."""
    if config.data.val is None:
        return []
    return validation_pairs(open_pictures(config.data.val), size_px=config.generator.working_size_px)


def total_images(config: TrainingConfig, *, images_per_epoch: int) -> int:
    """How many samples a run sees."""
    return config.run.images or (config.run.epochs or 0) * images_per_epoch


def start_training(config: TrainingConfig, batches: Batches, *, resume: bool) -> TrainingState:
    """Networks and optimisers as a run begins with them, or as its checkpoint has them."""
    torch.manual_seed(config.run.seed)
    device = torch.device(config.run.device)
    torch.backends.cudnn.benchmark = device.type == "cuda"  # every batch has the same shape
    generator: nn.Module = build_generator(config.generator)
    if config.run.init is not None and not resume:
        generator.load_state_dict(load_model(config.run.init)[0].state_dict())
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
    if resume:
        load_checkpoint(state, config.run.out)
    elif pretext is not None and config.pretext.standardise:
        pretext.standardise(_calibration(config, batches, device))
    return state


def _optimiser(network: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    settings = config.optimiser
    return torch.optim.AdamW(
        network.parameters(),
        lr=settings.rate,
        betas=settings.betas,
        weight_decay=settings.weight_decay,
        fused=True if config.run.device.startswith("cuda") else None,
    )


def _calibration(config: TrainingConfig, batches: Batches, device: torch.device) -> list[torch.Tensor]:
    stop = _CALIBRATION_BATCHES * config.run.batch_size
    return [batch.pretext_image.to(device) for batch in batches(start=0, stop=stop, workers=0)]

"""The training loop."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from splpaint.data.dataset import InpaintingDataset, Sample
from splpaint.data.listing import list_pictures
from splpaint.data.loader import training_batches
from splpaint.errors import InputError, NonFiniteLossError
from splpaint.networks.build import build_generator
from splpaint.networks.checkpoints import load_model, save_model
from splpaint.networks.pretext import load_pretext
from splpaint.networks.spl import SPLOutput
from splpaint.training.checkpoint import CHECKPOINT_FILE, TrainingState, load_checkpoint, save_checkpoint
from splpaint.training.config import TrainingConfig
from splpaint.training.ema import EMA
from splpaint.training.objective import Objective, reconstruction_and_distillation
from splpaint.training.schedule import trapezoid
from splpaint.training.validation import Pair, validate, validation_pairs

_CALIBRATION_BATCHES = 4
_LOG_EVERY_STEPS = 20


def train(config: TrainingConfig, *, resume: bool = False) -> Path:
    """Train a generator; returns the run's folder.

    The folder holds ``config.json``, ``log.jsonl``, ``checkpoint.pt``, ``samples/`` and, after each
    validation that is the best so far (or at the end, without validation), ``model/``.

    Args:
        config: The whole run.
        resume: Go on from the folder's checkpoint.

    Raises:
        InputError: No pictures, or the folder holds a run and ``resume`` was not asked for.
        NonFiniteLossError: The loss is NaN or infinite; the last checkpoint is kept.
    """
    out = _open_run(config, resume=resume)
    dataset = _dataset(config)
    pairs = _validation(config)
    state = _start(config, dataset, resume=resume)
    device = torch.device(config.run.device)
    bf16 = _wants_bf16(config)
    forward = torch.compile(state.generator) if config.run.compile else state.generator
    teach = torch.compile(state.pretext) if config.run.compile else state.pretext
    checkpointed = validated = time.monotonic()

    batches = training_batches(
        dataset,
        batch_size=config.run.batch_size,
        start=state.images_seen,
        stop=config.run.images,
        workers=config.data.workers,
    )
    try:
        with _progress() as bar:
            task = bar.add_task(
                "training", total=config.run.images, completed=state.images_seen, losses="", rate=""
            )
            for batch in batches:
                begun = time.monotonic()
                objective = _step(state, forward, teach, _to(batch, device), config, bf16=bf16)
                state.elapsed_s += time.monotonic() - begun
                if state.step % _LOG_EVERY_STEPS == 0:
                    _log(out, state, objective.terms)
                losses = " ".join(f"{name} {value:.4f}" for name, value in objective.terms.items())
                rate = f"{len(batch.image) / (time.monotonic() - begun):.1f} images/s"
                bar.update(task, completed=state.images_seen, losses=losses, rate=rate)
                if time.monotonic() - validated > 60 * config.run.validate_minutes:
                    _validate(config, state, pairs, out)
                    validated = time.monotonic()
                if time.monotonic() - checkpointed > 60 * config.run.checkpoint_minutes:
                    save_checkpoint(state, out)
                    checkpointed = time.monotonic()
    except KeyboardInterrupt:
        save_checkpoint(state, out)
        raise
    _validate(config, state, pairs, out)
    save_checkpoint(state, out)
    return out


def _step(
    state: TrainingState,
    forward: Callable[..., SPLOutput],
    teach: Callable[[Tensor], Tensor],
    batch: Sample,
    config: TrainingConfig,
    *,
    bf16: bool,
) -> Objective:
    factor = trapezoid(
        state.images_seen,
        total=config.run.images,
        warmup=config.optimiser.warmup_images,
        decay=round(config.optimiser.decay_share * config.run.images),
    )
    for group in state.optimiser.param_groups:
        group["lr"] = config.optimiser.rate * factor
    with torch.autocast(batch.image.device.type, torch.bfloat16, enabled=bf16):
        objective = reconstruction_and_distillation(forward, teach, batch, config.loss)
    if not math.isfinite(objective.total.item()):
        raise NonFiniteLossError(
            f"the loss must be finite, got {objective.terms} at step {state.step}; "
            "lower optimiser.rate and resume from the last checkpoint"
        )
    state.optimiser.zero_grad()
    torch.autograd.backward(objective.total)
    torch.nn.utils.clip_grad_norm_(state.generator.parameters(), config.optimiser.clip_norm)
    state.optimiser.step()
    state.ema.update(state.generator, state.step)
    state.step += 1
    state.images_seen += len(batch.image)
    return objective


def _start(config: TrainingConfig, dataset: InpaintingDataset, *, resume: bool) -> TrainingState:
    torch.manual_seed(config.run.seed)
    device = torch.device(config.run.device)
    generator = build_generator(config.generator)
    if config.run.init is not None and not resume:
        generator.load_state_dict(load_model(config.run.init)[0].state_dict())
    generator = generator.to(device).to(memory_format=torch.channels_last)
    pretext = load_pretext(config.pretext).to(device).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(
        generator.parameters(), betas=config.optimiser.betas, weight_decay=config.optimiser.weight_decay
    )
    state = TrainingState(generator, EMA(generator, config.optimiser.ema_decay), optimiser, pretext)
    if resume:
        load_checkpoint(state, config.run.out)
    else:
        pretext.standardise(_calibration(config, dataset, device))
    return state


def _calibration(
    config: TrainingConfig, dataset: InpaintingDataset, device: torch.device
) -> list[torch.Tensor]:
    stop = _CALIBRATION_BATCHES * config.run.batch_size
    batches = training_batches(dataset, batch_size=config.run.batch_size, start=0, stop=stop, workers=0)
    return [batch.pretext_image.to(device) for batch in batches]


def _dataset(config: TrainingConfig) -> InpaintingDataset:
    return InpaintingDataset(
        list_pictures(config.data.images),
        size_px=config.data.size_px,
        pretext_size_px=round(config.data.size_px * config.pretext.scale),
        short_side_px=config.data.short_side_px,
        mask_sizes_px=config.data.mask_sizes_px,
        seed=config.run.seed,
        cache=config.data.cache,
    )


def _validation(config: TrainingConfig) -> list[Pair]:
    if config.data.val is None:
        return []
    return validation_pairs(list_pictures(config.data.val), size_px=config.generator.working_size_px)


def _validate(config: TrainingConfig, state: TrainingState, pairs: list[Pair], out: Path) -> None:
    psnr = math.nan
    if pairs:
        psnr = validate(state.ema.network, pairs, out / "samples" / f"{state.images_seen:09d}.png")
        _log(out, state, {"val_psnr_in_hole": psnr})
        if psnr <= state.best_psnr:
            return
        state.best_psnr = psnr
    save_model(out / "model", state.ema.network, config.generator, name=config.generator.architecture)


def _open_run(config: TrainingConfig, *, resume: bool) -> Path:
    out = config.run.out
    if (out / CHECKPOINT_FILE).exists() and not resume:
        raise InputError(f"{out} must be a new folder, but holds a run; pass --resume or another run.out")
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return out


def _wants_bf16(config: TrainingConfig) -> bool:
    if config.run.precision != "auto":
        return config.run.precision == "bf16"
    if config.run.device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu._is_amx_tile_supported())


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


def _progress() -> Progress:
    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[losses]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )

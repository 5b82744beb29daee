"""A real run on real files, tiny: interrupted and resumed, it equals one that was left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from splpaint.datasets.shard_writing import write_shards
from splpaint.errors import InputError, ModelError, NonFiniteLossError
from splpaint.locks import only_writer
from splpaint.networks.checkpoints import load_model
from splpaint.networks.pretext import load_pretext
from splpaint.networks.spl import SPLOutput
from splpaint.training.config import TrainingConfig
from splpaint.training.loop import train
from splpaint.training.objective import generator_objective
from splpaint.training.recipes.recipe import load_recipe

TINY = (
    "generator.architecture=compact",
    "generator.stem_channels=[8,8,16]",
    "generator.trunk_dilations=[1]",
    "generator.learner_channels=[8,8,16]",
    "generator.learner_dilations=[1]",
    "generator.layout_channels=16",
    "data.size_px=64",
    "data.mask_sizes_px=[64]",
    "data.short_side_px=[64,80]",
    "data.workers=0",
    "pretext.scale=1.0",
    "generator.prior_channels=112",
    "run.batch_size=2",
    "run.compile=false",
    "run.precision=fp32",
)
# At scale 1 the pretext feature has half the prior's height and width; stage 2 of the network fits instead.
STRIDE_8 = ("pretext.stage=2", "generator.prior_channels=40")


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    rows, columns = np.mgrid[:96, :120]
    for number in range(3):
        waves = np.stack(
            [np.sin(rows / (3 + number)), np.cos(columns / 5), np.sin((rows + columns) / 9)], axis=2
        )
        Image.fromarray(np.uint8(127 + 120 * waves)).save(folder / f"{number}.png")
    return folder


def configured(photographs: Path, out: Path, *more: str) -> TrainingConfig:
    paths = (f"data.images={photographs}", f"run.out={out}")
    return load_recipe("compact", [*TINY, *STRIDE_8, *paths, *more])


def weights(run: Path) -> dict[str, torch.Tensor]:
    return dict(load_model(run / "model")[0].state_dict())


@pytest.mark.numeric
@pytest.mark.parametrize("losses", [(), ("loss.perceptual=0.3", "loss.adversarial=0.1")])
def test_an_interrupted_run_equals_an_uninterrupted_one(
    tmp_path: Path, photographs: Path, losses: tuple[str, ...]
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    schedule = ("optimiser.warmup_images=4", "optimiser.decay_share=0", *losses)
    train(configured(photographs, whole, "run.images=12", *schedule))
    train(configured(photographs, parts, "run.images=6", *schedule))
    train(configured(photographs, parts, "run.images=12", *schedule), resume=True)
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(parts)[name], value, rtol=0, atol=0, msg=name)


def test_a_run_writes_its_configuration_log_samples_and_model(tmp_path: Path, photographs: Path) -> None:
    out = tmp_path / "run"
    train(
        configured(
            photographs, out, "run.images=2", f"data.val={photographs}", "generator.working_size_px=64"
        )
    )
    assert TrainingConfig.model_validate_json((out / "config.json").read_text("utf-8")).run.images == 2
    (row,) = [json.loads(line) for line in (out / "log.jsonl").read_text("utf-8").splitlines()]
    assert row["images"] == 2
    assert 5 < row["val_psnr_in_hole"] < 60
    with Image.open(out / "samples" / "000000002.png") as sheet:
        assert sheet.size == (2 * 3 * 64, 2 * 64)  # three rows, in two columns
    assert not list(out.rglob("*.part"))


@pytest.mark.numeric
def test_training_paints_better(tmp_path: Path, photographs: Path) -> None:
    def psnr(images: int) -> float:
        out = tmp_path / str(images)
        more = (f"data.val={photographs}", "generator.working_size_px=64", "optimiser.ema_decay=0.9")
        quick = (
            "optimiser.rate=3e-3",
            "optimiser.warmup_images=8",
            f"run.images={images}",
            "run.batch_size=4",
        )
        train(configured(photographs, out, *more, *quick))
        return float(json.loads((out / "log.jsonl").read_text("utf-8").splitlines()[-1])["val_psnr_in_hole"])

    assert psnr(160) > psnr(4) + 1


def test_the_perceptual_loss_alone_teaches_the_hole_alone(photographs: Path, tmp_path: Path) -> None:
    losses = ("loss.perceptual=1", "loss.distillation=0", "loss.hole=0", "loss.known=0")
    config = configured(photographs, tmp_path, "run.images=1", *losses)
    random = torch.Generator().manual_seed(0)
    image = torch.rand(1, 3, 64, 64, generator=random)
    painted = torch.rand(1, 3, 64, 64, generator=random, requires_grad=True)
    hole = torch.zeros(1, 1, 64, 64)
    hole[..., 20:40, 10:30] = 1
    output = SPLOutput(painted, torch.zeros(1), torch.zeros(1))
    objective = generator_objective(
        output, image, hole, config.loss, perceive=load_pretext(config.pretext).stages
    )
    assert objective.terms.keys() == {"perceptual"}
    (gradient,) = torch.autograd.grad(objective.total, painted)
    assert bool((gradient[hole.expand_as(gradient) == 1] != 0).all())
    assert bool((gradient[hole.expand_as(gradient) == 0] == 0).all())


def test_a_folder_with_a_run_is_not_overwritten(tmp_path: Path, photographs: Path) -> None:
    train(configured(photographs, tmp_path / "run", "run.images=2"))
    with pytest.raises(InputError, match="holds a run; pass `resume=True`"):
        train(configured(photographs, tmp_path / "run", "run.images=2"))


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_that_another_training_writes_to_is_left_alone(
    tmp_path: Path, photographs: Path, resume: bool
) -> None:
    with (
        only_writer(tmp_path / "run", doing="training"),
        pytest.raises(InputError, match="run is in use by another training"),
    ):
        train(configured(photographs, tmp_path / "run"), resume=resume)
    assert [path.name for path in (tmp_path / "run").iterdir()] == [".lock"]


def test_resuming_needs_a_checkpoint_of_the_same_networks(tmp_path: Path, photographs: Path) -> None:
    with pytest.raises(ModelError, match="found none"):
        train(configured(photographs, tmp_path / "none"), resume=True)
    train(configured(photographs, tmp_path / "run", "run.images=2"))
    with pytest.raises(ModelError, match="does not fit"):
        train(configured(photographs, tmp_path / "run", "generator.trunk_dilations=[1,1]"), resume=True)


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path: Path, photographs: Path) -> None:
    with pytest.raises(NonFiniteLossError, match="step 0"):
        train(configured(photographs, tmp_path / "run", "run.images=2", "loss.distillation=inf"))


def test_a_run_starts_from_the_weights_of_another(tmp_path: Path, photographs: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    train(configured(photographs, first, "run.images=4"))
    warm = (f"run.init={first / 'model'}", "run.images=2", "optimiser.rate=0.0", "optimiser.ema_decay=0.0")
    train(configured(photographs, second, *warm))
    for name, value in weights(first).items():
        torch.testing.assert_close(weights(second)[name], value, rtol=0, atol=0, msg=name)


def test_a_run_reads_shards_with_other_masks(tmp_path: Path, photographs: Path) -> None:
    write_shards(photographs, tmp_path / "shards", shard_bytes=100_000)
    for number, images in enumerate((tmp_path / "shards", f"file://{tmp_path}/shards/pictures-000000.tar")):
        masks = ("data.masks=thick", 'data.mask_augmentation=["flip", "rotate"]', f"data.val={images}")
        more = ("run.images=4", "generator.working_size_px=64", *masks)
        train(configured(tmp_path / str(images), tmp_path / f"run{number}", *more, f"data.images={images}"))
        assert (tmp_path / f"run{number}" / "model").is_dir()


def test_masks_of_a_doubtful_polarity_are_refused_with_the_key_that_helps(
    tmp_path: Path, photographs: Path
) -> None:
    (tmp_path / "masks").mkdir()
    Image.new("1", (32, 32), 1).save(tmp_path / "masks" / "white.png")
    with pytest.raises(
        InputError, match=r"say `data\.mask_polarity=white-known`, or `data\.mask_any_ratio=true`"
    ):
        train(configured(photographs, tmp_path / "run", f"data.masks={tmp_path / 'masks'}"))


def test_an_unreadable_picture_is_written_down_and_one_in_a_hundred_stops_the_run(
    tmp_path: Path, photographs: Path
) -> None:
    (photographs / "broken.png").write_text("no picture", "utf-8")
    with pytest.raises(InputError, match=r"at most 0 \(1 %\) of 4 pictures .* got 1 so far .*broken\.png"):
        train(configured(photographs, tmp_path / "run", "run.images=8"))
    (line,) = (tmp_path / "run" / "unreadable.txt").read_text("utf-8").splitlines()
    assert line.startswith(f"{photographs / 'broken.png'}\t")
    with pytest.raises(InputError, match=r"broken\.png"):
        train(configured(photographs, tmp_path / "other", f"data.val={photographs}"))


@pytest.mark.slow
def test_a_terminated_run_saves_its_state_and_goes_on(tmp_path: Path, photographs: Path) -> None:
    out = tmp_path / "run"
    paths = (f"data.images={photographs}", f"run.out={out}", "run.images=100000", "data.workers=1")
    command = [sys.executable, "-m", "splpaint", "train", "compact", *TINY, *STRIDE_8, *paths]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 120
        while not (out / "log.jsonl").exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        os.killpg(process.pid, signal.SIGTERM)  # as a scheduler does: the loading processes, too
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    seen = torch.load(out / "checkpoint.pt", weights_only=True)["counters"]["images_seen"]
    assert seen >= 40  # the log's first line comes after 20 steps
    train(configured(photographs, out, f"run.images={seen + 2}"), resume=True)
    assert torch.load(out / "checkpoint.pt", weights_only=True)["counters"]["images_seen"] == seen + 2

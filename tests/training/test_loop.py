"""A real run on real files, tiny: interrupted and resumed, it equals one that was left alone."""

from __future__ import annotations

import json
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import pytest
import torch
from PIL import Image

from splpaint.datasets.shard_writing import write_shards
from splpaint.errors import InputError, ModelError, NonFiniteLossError
from splpaint.inference.models import BUNDLED
from splpaint.locks import only_writer
from splpaint.networks import load_model
from splpaint.training.config import TrainingConfig
from splpaint.training.loop import train, train_phases
from splpaint.training.recipes import load_recipe
from tests.tiny_run import BEYOND_THE_PAPER, RESIDENT, configured, counters, weights


@pytest.mark.numeric
@pytest.mark.parametrize(
    "settings",
    [
        (),
        ("loss.perceptual=0.3", "loss.adversarial=0.1"),
        ("loss.adversarial=0.1", "run.accumulate=2"),
        ("run.precision=fp16",),
        (*BEYOND_THE_PAPER, "loss.adversarial=0.1", "run.precision=bf16"),
    ],
)
def test_an_interrupted_run_equals_an_uninterrupted_one(
    tmp_path: Path, photographs: Path, settings: tuple[str, ...]
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    schedule = ("optimiser.warmup_images=4", "optimiser.decay_share=0", *settings)
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
    bins = [row[f"val_psnr_in_hole (0.{low},0.{low + 1}]"] for low in (1, 2, 3, 4)]
    assert row["val_psnr_in_hole"] == pytest.approx(sum(bins) / 4, rel=1e-4)  # as many pairs in each
    with Image.open(out / "samples" / "000000002.png") as sheet:
        assert sheet.size == (4 + 5 * (64 + 4), 24 + 3 * (64 + 4))  # three rows of five pictures
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


def test_a_run_that_makes_nothing_better_releases_what_it_started_from(
    tmp_path: Path, photographs: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    val = (f"data.val={photographs}", "generator.working_size_px=64", "optimiser.ema_decay=0.0")
    train(configured(photographs, first, "run.images=4"))
    spoilt = ("run.images=8", "optimiser.rate=1.0", "optimiser.warmup_images=0", "optimiser.clip_norm=1e9")
    train(configured(photographs, second, f"run.init={first / 'model'}", *val, *spoilt))
    assert sorted(path.name for path in (second / "samples").iterdir()) == ["000000000.png", "000000008.png"]
    for name, value in weights(first).items():
        torch.testing.assert_close(weights(second)[name], value, rtol=0, atol=0, msg=name)


def test_a_run_starts_from_the_bundled_model(tmp_path: Path, photographs: Path) -> None:
    more = ("run.init=compact", "run.images=1", "run.batch_size=1", "optimiser.rate=0.0", "run.compile=false")
    own = (
        f"data.images={photographs}",
        f"run.out={tmp_path / 'run'}",
        "data.workers=0",
        "run.precision=fp32",
    )
    train(load_recipe("compact", [*own, *more]))
    bundled = load_model(BUNDLED["compact"])[0].state_dict()
    for name, value in weights(tmp_path / "run").items():
        torch.testing.assert_close(bundled[name], value, rtol=0, atol=0, msg=name)


def phases_of(photographs: Path, out: Path) -> list[TrainingConfig]:
    first = configured(photographs, out / "phase-1", "run.images=4")
    return [
        first,
        configured(photographs, out, f"run.init={out / 'phase-1' / 'model'}", "run.images=6", "run.seed=1"),
    ]


def test_phases_that_are_stopped_and_resumed_end_as_those_that_are_not(
    tmp_path: Path, photographs: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert train_phases(phases_of(photographs, whole)) == whole
    for folder in (
        "phase-1",
        "phase-1",
        ".",
        ".",
        ".",
    ):  # a phase that ends on being asked is resumed once more
        stops = chain([True], repeat(False))  # after its first step, whichever phase it is of
        begun = (parts / "phase-1" / "checkpoint.pt").exists()
        out = train_phases(phases_of(photographs, parts), resume=begun, stop=partial(next, stops))
        assert out == parts / folder
    assert train_phases(phases_of(photographs, parts), resume=True) == parts
    for place in (".", "phase-1"):
        assert counters(parts / place)["images_seen"] == counters(whole / place)["images_seen"]
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(parts)[name], value, rtol=0, atol=0, msg=name)


def test_the_minutes_of_phases_are_those_of_the_whole(tmp_path: Path, photographs: Path) -> None:
    phases = [
        config.model_copy(update={"run": config.run.model_copy(update={"max_minutes": 1e-9})})
        for config in phases_of(photographs, tmp_path)
    ]
    assert train_phases(phases) == tmp_path / "phase-1"
    assert counters(tmp_path / "phase-1")["images_seen"] == 2


def test_a_run_does_not_start_from_weights_of_another_generator(tmp_path: Path, photographs: Path) -> None:
    with pytest.raises(ModelError, match=r"run\.init=compact must hold .* give it generator\.stem_channels="):
        train(configured(photographs, tmp_path / "run", "run.init=compact"))
    with pytest.raises(ModelError, match="a model folder or the name compact, got compcat"):
        train(configured(photographs, tmp_path / "run", "run.init=compcat"))


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


def test_an_interrupted_resident_run_equals_an_uninterrupted_one(tmp_path: Path, photographs: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(configured(photographs, whole, "run.images=12", *RESIDENT))
    train(configured(photographs, parts, "run.images=12", *RESIDENT), stop=lambda: True)
    assert counters(parts)["images_seen"] == 2
    train(configured(photographs, parts, "run.images=12", *RESIDENT), resume=True)
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(parts)[name], value, rtol=0, atol=0, msg=name)


def test_a_resident_run_learns_what_a_run_with_loading_processes_learns(
    tmp_path: Path, photographs: Path
) -> None:
    for name, more in (("loaded", ()), ("resident", ("data.resident=true",))):
        train(configured(photographs, tmp_path / name, "run.images=6", *more))
    loaded, resident = (
        torch.cat([w.flatten() for w in weights(tmp_path / name).values()]) for name in ("loaded", "resident")
    )
    begun = torch.cat([w.flatten() for w in weights(_untrained(tmp_path, photographs)).values()])
    assert float((loaded - resident).norm()) < 0.2 * float((loaded - begun).norm())


def _untrained(tmp_path: Path, photographs: Path) -> Path:
    train(configured(photographs, tmp_path / "begun", "run.images=1", "optimiser.rate=0.0"))
    return tmp_path / "begun"


def test_a_run_ends_after_its_minutes_and_goes_on_bit_by_bit(tmp_path: Path, photographs: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(configured(photographs, whole, "run.images=12"))
    train(configured(photographs, parts, "run.images=12", "run.max_minutes=1e-9"))  # one step is always done
    assert counters(parts)["images_seen"] == 2
    assert not (parts / "model").exists()
    train(configured(photographs, parts, "run.images=12"), resume=True)
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(parts)[name], value, rtol=0, atol=0, msg=name)


def test_unreadable_photographs_of_a_resident_run_are_written_down(tmp_path: Path, photographs: Path) -> None:
    (photographs / "broken.png").write_text("no picture", "utf-8")
    with pytest.raises(InputError, match=r"at most 0 \(1 %\) of 4 pictures .* got 1 so far .*broken\.png"):
        train(configured(photographs, tmp_path / "run", "run.images=8", "data.resident=true"))
    (line,) = (tmp_path / "run" / "unreadable.txt").read_text("utf-8").splitlines()
    assert line.startswith(f"{photographs / 'broken.png'}\t")

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from splpaint.errors import InputError
from splpaint.networks.config import SPLConfig
from splpaint.training.recipes.recipe import load_phases, load_recipe, recipe_names

NEEDED = ("data.images=photos", "run.out=runs/x")


def test_overrides_win_over_the_recipe_and_the_recipe_over_the_defaults() -> None:
    config = load_recipe("compact", [*NEEDED, "run.images=7", "data.short_side_px=[100,200]"])
    assert config.data.cache is True  # the recipe's
    assert config.run.images == 7
    assert config.data.short_side_px == (100, 200)
    assert config.data.images == "photos"
    assert config.optimiser.ema_decay == 0.999  # the default


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_of_the_package_is_valid(name: str) -> None:
    load_phases(name, NEEDED)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["data.imges=photos"], r"unknown key data\.imges; did you mean data\.images\?"),
        (["dta.images=photos"], r"unknown key dta; did you mean data\?"),
        (["images=photos"], "must look like section.key=value"),
        (["data.images"], "must look like section.key=value"),
        ([*NEEDED, "run.images=many"], r"run\.images: .*got 'many'"),
        ([], r"data\.images: .*got nothing"),
        ([*NEEDED, "run.out.x=1"], "is a value and not a section"),
        ([*NEEDED, "loss.techer=compact"], r"unknown key loss\.techer; did you mean loss\.teacher\?"),
        ([*NEEDED, "loss.teacher=compact"], "teacher and imitation, its weight, must be given together"),
        ([*NEEDED, "data.progressive=[[128,1000]]"], "rising sides below size_px"),
        ([*NEEDED, "data.progressive=[[96,1000]]"], "multiples of 64, which the generator takes, got 96"),
    ],
)
def test_mistakes_are_answered_with_what_was_meant(overrides: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_recipe("compact", overrides)


def test_a_recipe_with_a_base_differs_from_it_in_its_own_keys_alone(tmp_path: Path) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text('base = "compact"\n[data]\nsize_px = 64\n[generator]\nlayout_channels = 16\n')
    mine, base = load_recipe(str(recipe), NEEDED), load_recipe("compact", NEEDED)
    own = ["data.size_px=64", "generator.layout_channels=16"]
    assert mine == load_recipe("compact", [*NEEDED, *own])
    assert mine.data != base.data
    assert mine.loss == base.loss
    recipe.write_text('base = "comapct"\n')
    with pytest.raises(
        InputError, match=r"base in .* must be one of .* got 'comapct'; did you mean compact\?"
    ):
        load_recipe(str(recipe), NEEDED)


def test_a_run_that_is_given_one_end_loses_that_of_its_recipe() -> None:
    assert load_recipe("paris", [*NEEDED, "run.images=5"]).run.epochs is None
    assert load_recipe("compact", [*NEEDED, "run.epochs=5"]).run.images is None
    with pytest.raises(InputError, match="exactly one of epochs and images"):
        load_recipe("compact", [*NEEDED, "run.epochs=5", "run.images=5"])


def phased(tmp_path: Path, phases: str) -> str:
    path = tmp_path / "phased.toml"
    path.write_text('base = "compact"\n[run]\nimages = 100\n' + phases, "utf-8")
    return str(path)


def test_each_phase_starts_from_what_the_one_before_it_has_left(tmp_path: Path) -> None:
    recipe = phased(
        tmp_path,
        "[[phases]]\noptimiser.rate = 0.1\n[[phases]]\nrun.images = 7\n[[phases]]\nloss.psnr = 2.0\n",
    )
    phases = load_phases(
        recipe, ["data.images=photos", "run.out=out", "run.init=compact", "optimiser.clip_norm=3.0"]
    )
    assert [str(phase.run.out) for phase in phases] == ["out/phase-1", "out/phase-2", "out"]
    assert [str(phase.run.init) for phase in phases] == ["compact", "out/phase-1/model", "out/phase-2/model"]
    assert [phase.run.images for phase in phases] == [100, 7, 100]
    assert [phase.optimiser.rate for phase in phases] == [0.1, 6e-4, 6e-4]
    assert [phase.loss.psnr for phase in phases] == [0, 0, 2]
    assert {phase.optimiser.clip_norm for phase in phases} == {3}
    with pytest.raises(InputError, match=r"of one run, got .* with 3 phases"):
        load_recipe(recipe, ["data.images=photos", "run.out=out"])


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ("[[phases]]\nrun.out = 'x'\n", "phase 1 of .* must not have run.out"),
        ("[[phases]]\nrun.init = 'compact'\n", "phase 1 of .* must not have run.init"),
        ("[[phases]]\nrun.imagse = 3\n", "unknown key run.imagse; did you mean run.images"),
        ("[phases]\nimages = 3\n", r"must be tables, each headed \[\[phases\]\], got {'images': 3}"),
        ("[[phases]]\nrun = 3\n", r"run in .* must be a section, \[run\], with keys of its own, got 3"),
    ],
)
def test_phases_with_mistakes_are_refused(tmp_path: Path, phases: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_phases(phased(tmp_path, phases), ["data.images=photos", "run.out=out"])


def test_fine_tuning_starts_from_the_bundled_model_with_its_networks_and_losses() -> None:
    finetune, compact = load_recipe("finetune", NEEDED), load_recipe("compact", NEEDED)
    assert (finetune.generator, finetune.pretext) == (compact.generator, compact.pretext)
    assert (finetune.loss, finetune.data) == (compact.loss, compact.data)
    assert finetune.run.init == Path("compact")
    assert finetune.optimiser.rate < compact.optimiser.rate


def test_an_unknown_recipe_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be one of bundled, celeba, compact"):
        load_recipe("compcat")
    broken = tmp_path / "broken.toml"
    broken.write_text("[run\n")
    with pytest.raises(InputError, match="readable TOML"):
        load_recipe(str(broken))


def test_the_help_of_training_names_every_recipe_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "sys.argv = ['splpaint', 'train', '--help']\n"
        "from splpaint.cli.app import main\n"
        "try:\n    main()\n"
        "finally:\n    assert not {'torch', 'numpy'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {"bundled", "celeba", "compact", "finetune", "paris", "places2"} == set(recipe_names())
    for name in recipe_names():
        assert name in done.stdout


@pytest.mark.parametrize(
    ("recipe", "epochs", "lower_from", "distillation_until", "view"),
    [
        ("paris", 70, 51, 60, "whole"),
        ("celeba", 40, 32, None, "centre"),
        ("places2", 40, 32, None, "whole"),
    ],
)
def test_recipes_hold_the_papers_values(
    recipe: str, epochs: int, lower_from: int, distillation_until: int | None, view: str
) -> None:
    config = load_recipe(recipe, NEEDED)
    assert config.generator == SPLConfig()
    assert (config.pretext.model, config.pretext.stage, config.pretext.scale) == ("tresnet_l", 2, 2.0)
    assert (config.pretext.input_mean, config.pretext.input_std, config.pretext.standardise) == (0, 1, False)
    assert (config.data.size_px, config.data.view) == (256, view)
    assert (config.loss.reconstruction, config.loss.distillation, config.loss.adversarial) == (10, 1, 1)
    assert (config.loss.hole, config.loss.known) == (0, 0)
    assert config.loss.distillation_until_epoch == distillation_until
    assert (config.optimiser.rate, config.optimiser.betas) == (1e-4, (0.0, 0.9))
    assert (config.optimiser.weight_decay, config.optimiser.ema_decay) == (0, 0)
    assert config.optimiser.lower_from_epoch == lower_from
    assert (config.run.epochs, config.run.batch_size) == (epochs, 8)

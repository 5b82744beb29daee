from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from splpaint.errors import InputError
from splpaint.training.recipes.recipe import load_recipe, recipe_names

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
    load_recipe(name, NEEDED)


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
    ],
)
def test_mistakes_are_answered_with_what_was_meant(overrides: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_recipe("compact", overrides)


def test_an_unknown_recipe_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be one of celeba, compact"):
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
    assert {"celeba", "compact", "paris", "places2"} == set(recipe_names())
    for name in recipe_names():
        assert name in done.stdout

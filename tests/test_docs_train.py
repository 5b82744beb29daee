"""The page on training: its recipes load, and its commands have the options that it gives them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from splpaint.networks.config import SPLConfig
from splpaint.training.recipes import load_phases, load_recipe
from tests.cli.commands import COMMANDS

PAGE = (Path(__file__).parents[1] / "docs" / "train.md").read_text("utf-8")
BLOCKS = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)).replace("\\\n", " ")
LINES = sorted({line for line in BLOCKS.splitlines() if line.startswith("splpaint ")})
OWN_RECIPE, PHASED_RECIPE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("line", LINES)
def test_a_command_has_the_options_that_the_page_gives_it(line: str) -> None:
    _, *words = shlex.split(line, comments=True)
    name = max((name for name in COMMANDS if words[: len(name.split())] == name.split()), key=len)
    command = COMMANDS[name]
    given = words[len(name.split()) :]
    context = command.make_context(name, list(given), resilient_parsing=True)
    assert context.args == []
    known = {spelling for option in command.params for spelling in option.opts}
    assert {word for word in given if word.startswith("-")} <= known


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("splpaint train ")])
def test_a_recipe_of_the_page_loads_with_its_keys(line: str, tmp_path: Path) -> None:
    recipe, *overrides = [word for word in shlex.split(line)[2:] if not word.startswith("-")]
    if recipe.endswith(".toml"):
        (tmp_path / recipe).write_text(OWN_RECIPE, "utf-8")
        recipe = str(tmp_path / recipe)
    load_recipe(recipe, overrides)


def test_the_recipe_of_two_phases_is_two_runs(tmp_path: Path) -> None:
    (tmp_path / "phased.toml").write_text(PHASED_RECIPE, "utf-8")
    first, second = load_phases(str(tmp_path / "phased.toml"), ["data.images=photos", "run.out=out"])
    assert (first.run.images, second.run.images) == (100_000, 20_000)
    assert (first.loss.adversarial, second.loss.adversarial) == (0, 0.1)


def test_the_researcher_s_recipe_is_the_papers_but_for_paths_and_masks(tmp_path: Path) -> None:
    (tmp_path / "paris.toml").write_text(OWN_RECIPE, "utf-8")
    mine = load_recipe(str(tmp_path / "paris.toml"))
    theirs = load_recipe("paris", ["data.images=x", "run.out=x"])
    assert mine.generator == SPLConfig()
    assert (mine.loss, mine.optimiser) == (theirs.loss, theirs.optimiser)
    assert (mine.run.epochs, mine.run.batch_size) == (theirs.run.epochs, theirs.run.batch_size)
    assert mine.data.size_px == theirs.data.size_px

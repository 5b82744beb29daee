"""Recipes: a training run as a short TOML file of what differs from the defaults.

Their names are in the help of ``splpaint train``, so importing this file must load nothing heavy.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from splpaint.errors import InputError, did_you_mean, nearest_name

if TYPE_CHECKING:
    from pydantic import BaseModel

    from splpaint.training.config import TrainingConfig

__all__ = ["load_phases", "load_recipe", "recipe_names", "write_recipe"]

_FOLDER = Path(__file__).parent
_ENDS = {"epochs", "images"}  # of a run: it has one of them


def recipe_names() -> list[str]:
    """Names of the recipes that come with the package."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def load_recipe(recipe: str, overrides: Sequence[str] = ()) -> TrainingConfig:
    """Read a recipe of one run and apply overrides.

    Args:
        recipe: Name of a recipe of the package, or path of a TOML file, whose ``base`` may name one of the package that
            it differs from.
        overrides: "section.key=value"; the value is TOML, and what is not TOML is taken as a string.

    Raises:
        InputError: No such recipe, an unknown key (the nearest known one is named), a value that does not fit, or a
            recipe of several phases.
    """
    config, *others = load_phases(recipe, overrides)
    if others:
        raise InputError(f"recipe must be of one run, got {recipe} with {1 + len(others)} phases")
    return config


def load_phases(recipe: str, overrides: Sequence[str] = ()) -> list[TrainingConfig]:
    """Read a recipe and apply overrides: the runs that it consists of, one for most recipes.

    A recipe may have ``[[phases]]``, each with what it differs by from the recipe outside them. Each but the first
    starts from the model that the one before has left; the last writes to ``run.out``, the others to phase-1, phase-2,
    ... in it.

    Args:
        recipe: As ``load_recipe`` takes it.
        overrides: Likewise; they hold in all phases.

    Raises:
        InputError: No such recipe, an unknown key (the nearest known one is named), or a value that does not
            fit.
    """
    own: dict[str, Any] = {}
    for override in overrides:
        _apply(own, override)
    values = _read(recipe)
    phases = values.pop("phases", None) or [{}]
    configs: list[TrainingConfig] = []
    for number, phase in enumerate(phases, 1):
        if placed := {"out", "init"} & phase.get("run", {}).keys():
            raise InputError(
                f"phase {number} of {recipe} must not have run.{min(placed)}: it starts from what the phase before it "
                "has left, and writes into the folder of the whole; give it outside the phases"
            )
        config = _config(recipe, _changed(_changed(values, phase), own))
        places: dict[str, Any] = {}
        if number < len(phases):
            places["out"] = config.run.out / f"phase-{number}"
        if configs:
            places["init"] = configs[-1].run.out / "model"
        configs.append(config.model_copy(update={"run": config.run.model_copy(update=places)}))
    return configs


def _config(recipe: str, values: dict[str, Any]) -> TrainingConfig:
    from pydantic import ValidationError

    from splpaint.training.config import TrainingConfig

    _refuse_unknown(values, TrainingConfig, prefix="")
    try:
        return TrainingConfig.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}, got {_got(e)}" for e in error.errors()
        )
        raise InputError(f"recipe {recipe} does not fit: {problems}; give it as section.key=value") from error


def write_recipe(config: TrainingConfig) -> str:
    """A configuration in full as a TOML file that ``load_recipe`` reads; each line is an override, too."""
    return "".join(f"{line}\n" for line in _lines(config.model_dump(mode="json"), prefix=""))


def _lines(values: dict[str, Any], *, prefix: str) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _lines(value, prefix=f"{prefix}{key}.")
        elif value is not None:
            yield f"{prefix}{key} = {json.dumps(value, ensure_ascii=False)}"  # such values are TOML as well as JSON


def _read(recipe: str) -> dict[str, Any]:
    path = Path(recipe) if recipe.endswith(".toml") else _FOLDER / f"{recipe}.toml"
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"recipe must be one of {', '.join(recipe_names())} or a TOML file, got {recipe!r}"
            f"{did_you_mean(recipe, recipe_names())}"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} must be a readable TOML file, got: {error}") from error
    base = values.pop("base", None)
    phases = values.get("phases", [])
    if not (isinstance(phases, list) and all(isinstance(phase, dict) for phase in phases)):
        raise InputError(f"phases of {path} must be tables, each headed [[phases]], got {phases!r}")
    for sections in ({key: value for key, value in values.items() if key != "phases"}, *phases):
        for key, value in sections.items():
            if not isinstance(value, dict):
                raise InputError(
                    f"{key} in {path} must be a section, [{key}], with keys of its own, got {value!r}"
                )
    return values if base is None else _changed(_read_base(base, path), values)


def _read_base(base: object, path: Path) -> dict[str, Any]:
    known = recipe_names()
    if base not in known:
        raise InputError(
            f"base in {path} must be one of {', '.join(known)}, got {base!r}{did_you_mean(str(base), known)}"
        )
    return _read(str(base))


def _changed(recipe: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A recipe with changes in place of its values; a run that is given one end loses the recipe's other."""
    ends = _ENDS & changes.get("run", {}).keys()
    if len(ends) == 1 and "run" in recipe:
        kept = {key: value for key, value in recipe["run"].items() if key not in _ENDS}
        recipe = recipe | {"run": kept}
    return _merged(recipe, changes)


def _merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """``values`` with ``changes`` in their place, section by section."""
    merged = dict(values)
    for key, change in changes.items():
        old = values.get(key)
        merged[key] = _merged(old, change) if isinstance(old, dict) and isinstance(change, dict) else change
    return merged


def _apply(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    *sections, name = key.strip().split(".")
    if not equals or not sections or not name:
        raise InputError(f"an override must look like section.key=value, got {override!r}")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise InputError(f"{override!r} goes below {section!r}, which is a value and not a section")
    try:
        values[name] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        values[name] = text


def _refuse_unknown(values: dict[str, Any], model: type[BaseModel], *, prefix: str) -> None:
    from pydantic import BaseModel

    for key, value in values.items():
        field = model.model_fields.get(key)
        if field is None:
            near = nearest_name(key, model.model_fields, least_likeness=0)
            raise InputError(f"unknown key {prefix}{key}; did you mean {prefix}{near}?")
        kind = field.annotation
        if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, BaseModel):
            _refuse_unknown(value, kind, prefix=f"{prefix}{key}.")


def _got(problem: Any) -> str:
    return "nothing" if problem["type"] == "missing" else repr(problem["input"])

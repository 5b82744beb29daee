"""Recipes: training runs as short TOML files of what differs from the defaults."""

from __future__ import annotations

from splpaint.training.recipes.recipe import load_phases, load_recipe, recipe_names, write_recipe

__all__ = ["load_phases", "load_recipe", "recipe_names", "write_recipe"]

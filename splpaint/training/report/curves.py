"""Curves of a run: losses, validation, learning rate and pace over the samples seen, in one picture."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from splpaint.errors import InputError, MissingExtraError
from splpaint.training.report.history import COUNTERS, History

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_curves"]

_COLUMNS = 2
_PANEL_INCHES = (6.0, 3.0)
_MOST_POINTS = 400  # of a curve; more are drawn pale behind their running mean

Curve = tuple[Sequence[float], Sequence[float]]
"""Samples seen, and values."""


def draw_curves(history: History, title: str) -> bytes:
    """Draw a panel per loss and validation measure; the bins of hole ratios of a measure share one.

    Args:
        history: From ``read_history``.
        title: Stands above.

    Returns:
        A PNG file.

    Raises:
        InputError: The history is empty.
        MissingExtraError: Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise MissingExtraError("splpaint runs show", "train", str(error.name)) from error
    panels = _panels(history)
    if not panels:
        raise InputError(
            "a run must have written down at least one step to be drawn, got none; wait for its first 20 steps"
        )
    lines = -(-len(panels) // _COLUMNS)
    width, height = _PANEL_INCHES
    figure = Figure(figsize=(_COLUMNS * width, lines * height), layout="constrained")
    figure.suptitle(title)
    places = list(figure.subplots(lines, _COLUMNS, squeeze=False).ravel())
    for axes, (name, curves) in zip(places, panels.items(), strict=False):
        _draw(axes, name, curves)
    for axes in places[len(panels) :]:
        axes.set_visible(False)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100)
    return file.getvalue()


def _panels(history: History) -> dict[str, dict[str, Curve]]:
    """Measure => label => curve; a value's name is its measure's, and after a space the bin's."""
    panels: dict[str, dict[str, Curve]] = defaultdict(dict)
    names = dict.fromkeys(name for row in history for name in row if name not in COUNTERS)
    for name in sorted(names, key=lambda name: not name.startswith("val_")):  # what counts comes first
        rows = [row for row in history if name in row]
        measure, _, bin = name.partition(" ")
        panels[measure][bin or "all"] = [row["images"] for row in rows], [row[name] for row in rows]
    return panels


def _draw(axes: Axes, name: str, curves: Mapping[str, Curve]) -> None:
    for label, (images, values) in curves.items():
        shown = _running_mean(values)
        (line,) = axes.plot(images, shown, marker="." if len(images) < 50 else "", label=label)
        if shown is not values:
            axes.plot(images, values, color=line.get_color(), alpha=0.2, linewidth=0.5)
    axes.set_title(name, fontsize="medium")
    axes.set_xlabel("images seen")
    axes.grid(alpha=0.3)
    if len(curves) > 1:
        axes.legend(title="hole's share", fontsize="small")


def _running_mean(values: Sequence[float]) -> Sequence[float]:
    """Of as many values as make ``_MOST_POINTS`` windows; the values themselves if they are few."""
    width = len(values) // _MOST_POINTS
    if width < 2:
        return values
    sums = np.cumsum([0.0, *values])
    starts = np.maximum(np.arange(1, len(values) + 1) - width, 0)
    return list((sums[1:] - sums[starts]) / (np.arange(1, len(values) + 1) - starts))

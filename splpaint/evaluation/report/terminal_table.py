"""What a terminal shows of an evaluation: the means over all pairs, and in a sentence what is not in them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from splpaint.evaluation.report.notation import ARROWS, Cell, cell, overall, words
from splpaint.evaluation.summary import MeasureFact, Summary

__all__ = ["remarks", "summary_table"]


def summary_table(summary: Summary) -> Table:
    """The means over all pairs, the best ones bold, each with its interval below.

    The longer list, of methods or of measures, goes down: a terminal is narrow.
    """
    everything = summary.groups[0]
    measures, means = overall(summary)
    grid = [[Text(""), *(Text(_title(each)) for each in measures)]]
    for method in means:
        grid.append([Text(method), *(_text(cell(means, method, each)) for each in measures)])
    if len(measures) > len(means):
        grid = [list(column) for column in zip(*grid, strict=True)]
    title = f"Means over {everything.pairs} pairs of {everything.photographs} photographs"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, head in enumerate(grid[0]):
        table.add_column(head, justify="right" if place else "left", overflow="fold")
    table.add_row()
    for line in grid[1:]:
        table.add_row(*line)
    return table


def remarks(summary: Summary) -> Iterator[str]:
    """Sentences about what the means do not hold; none if they hold all."""
    if summary.settings.left_out:
        yield f"left out: {', '.join(summary.settings.left_out)}; report.md says why"
    if summary.identical:
        found = ", ".join(f"{len(numbers)} by {method}" for method, numbers in summary.identical.items())
        yield f"painted exactly as the truth is, and in no mean of PSNR: {found}; report.md names the pairs"


def _title(measure: MeasureFact) -> str:
    return f"{words(measure)}\n{measure.unit} {ARROWS[measure.better]}".replace("\n ", "\n")


def _text(written: Cell) -> Text:
    text = Text(written.mean, style="bold" if written.best else "")
    return text.append(f"\n{written.interval.replace(' ', '')}".rstrip(), style="dim not bold")

r"""``report.tex``: tables for papers, each of which stands alone; they need ``\usepackage{booktabs}``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from splpaint.atomic_files import open_atomic
from splpaint.evaluation.report.notation import (
    NOTHING,
    Cell,
    cell,
    difference,
    first_against_others,
    overall,
    share_with_interval,
    told_groups,
    words,
    words_and_unit,
)
from splpaint.evaluation.summary import Comparison, Group, MeasureFact, Summary

__all__ = ["escape_latex", "write_latex"]

_COMMANDS = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "--": "-{}-",  # would become a dash
}
_SPECIAL = re.compile("|".join(map(re.escape, _COMMANDS)))
_SIGN = re.compile(r"([+-])(?=\d)")
_ARROWS = {"higher": r"$\uparrow$", "lower": r"$\downarrow$", "one": r"$\to 1$"}
_END = r" \\"


def write_latex(summary: Summary, path: Path) -> None:
    """Write the means over all pairs, a table of groups for each measure, and the first method beside the others.

    Args:
        summary: What was found.
        path: The file; one that is there is replaced.

    Raises:
        InputError: It cannot be written.
    """
    with open_atomic(path, overwrite=True) as file:
        file.writelines(f"{line}\n" for line in _lines(summary))


def escape_latex(text: str) -> str:
    """A text that LaTeX prints as it is."""
    return _SPECIAL.sub(lambda found: _COMMANDS[found[0]], " ".join(text.split()))


def _lines(summary: Summary) -> Iterator[str]:
    yield r"% Each table stands alone; in the preamble: \usepackage{booktabs}"
    yield f"% SHA-256 of the manifest: {summary.settings.manifest_sha256}"
    yield from _means(summary)
    for measure in summary.measures:
        yield from _groups(summary, measure)
    if summary.measures and len(summary.settings.methods) > 1:
        yield from _comparisons(summary)


def _means(summary: Summary) -> Iterator[str]:
    measures, means = overall(summary)
    rows = [[_name(method), *(_mean(cell(means, method, each)) for each in measures)] for method in means]
    heads = zip(("Method", "", ""), *map(_narrow_head, measures), strict=True)
    sets = [f" {_title(each)}: {escape_latex(each.definition)}" for each in summary.set_measures]
    caption = f"Means over {_count(summary)}. The best is bold.{''.join(sets)}"
    yield from _table("means", caption, list(heads), rows)


def _narrow_head(measure: MeasureFact) -> tuple[str, str, str]:
    first, _, others = words(measure).partition(" ")
    unit = f"({measure.unit})" if measure.unit else ""
    return escape_latex(first), escape_latex(others), f"{escape_latex(unit)} {_ARROWS[measure.better]}"


def _groups(summary: Summary, measure: MeasureFact) -> Iterator[str]:
    groups = told_groups(summary)
    rows = [row for method in summary.settings.methods for row in _mean_and_interval(groups, method, measure)]
    head = ["Method", *(group.label or "all" for group in groups)]
    counts = ["pairs", *(str(group.pairs) for group in groups)]
    way = {
        "higher": "higher is better",
        "lower": "lower is better",
        "one": "nearest to 1 is best",
    }[measure.better]
    caption = (
        f"{_title(measure)}, {way}: means over {_count(summary)}, and by "
        "hole ratio or kind of masks, with 95\\,\\% bootstrap intervals over photographs. "
        f"{escape_latex(measure.definition)}"
    )
    yield from _table(measure.name, caption, [map(escape_latex, head), counts], rows)


def _mean_and_interval(groups: Sequence[Group], method: str, measure: MeasureFact) -> Iterator[list[str]]:
    cells = [cell(group.means, method, measure) for group in groups]
    yield [_name(method), *map(_mean, cells)]
    yield ["", *(rf"{{\scriptsize {each.interval}}}" for each in cells)]


def _comparisons(summary: Summary) -> Iterator[str]:
    first = next(iter(summary.settings.methods))
    rows = [
        [f"{_title(measure)} {_ARROWS[measure.better]}" if not place else "", *_comparison(each, measure)]
        for measure in summary.measures
        for place, each in enumerate(first_against_others(summary, measure))
    ]
    caption = (
        f"{_name(first)} beside each other method, pair by pair, over {_count(summary)}: mean difference and share "
        "of pairs won, ties counted half, with 95\\,\\% bootstrap intervals over photographs."
    )
    yield from _table("comparisons", caption, [["", "against", "difference", "won"]], rows, left=2)


def _comparison(each: Comparison, measure: MeasureFact) -> list[str]:
    won = escape_latex(share_with_interval(each.won, each.won_low, each.won_high))
    return [_name(each.second), _SIGN.sub(r"$\1$", difference(each, measure)), won]


def _table(
    label: str,
    caption: str,
    heads: Sequence[Iterable[str]],
    rows: Sequence[Sequence[str]],
    *,
    left: int = 1,
) -> Iterator[str]:
    yield ""
    yield r"\begin{table*}"
    yield r"\centering\small\setlength{\tabcolsep}{3pt}"
    yield rf"\caption{{{caption}}}"
    yield rf"\label{{tab:{label.replace('_', '-')}}}"
    yield rf"\begin{{tabular}}{{{'l' * left}{'c' * (len(rows[0]) - left)}}}"
    yield r"\toprule"
    yield from (" & ".join(cells) + _END for cells in heads)
    yield r"\midrule"
    yield from (" & ".join(cells).replace(NOTHING, "--") + _END for cells in rows)
    yield r"\bottomrule"
    yield r"\end{tabular}"
    yield r"\end{table*}"


def _count(summary: Summary) -> str:
    everything = summary.groups[0]
    protocol = escape_latex(summary.settings.protocol["name"])
    return f"{everything.pairs} pairs of {everything.photographs} photographs by the protocol {protocol}"


def _name(method: str) -> str:
    return f"{{{escape_latex(method)}}}"  # in braces: a name that begins with [ would belong to the \\ before


def _title(measure: MeasureFact) -> str:
    return escape_latex(words_and_unit(measure))


def _mean(written: Cell) -> str:
    text = _SIGN.sub(r"$\1$", written.mean)
    return rf"\textbf{{{text}}}" if written.best else text

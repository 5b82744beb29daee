"""``report.md``: what an evaluation found, for people: in a terminal, in an editor, on a code host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from splpaint.atomic_files import open_atomic
from splpaint.evaluation.report.notation import (
    ARROWS,
    NOTHING,
    Cell,
    cell,
    describe_group,
    difference,
    first_against_others,
    overall,
    share_with_interval,
    told_groups,
    words_and_unit,
)
from splpaint.evaluation.summary import Comparison, Group, MeasureFact, Summary
from splpaint.evaluation.timing import MachineTiming

__all__ = ["markdown_table", "plain_markdown", "write_markdown"]

_SPECIAL = re.compile(r"([\\`*\[<|~&]|(?<![^\W_])_|_(?![^\W_]))")  # an underscore inside a word is none
_NUMBERS_TOLD = 10


def write_markdown(summary: Summary, timing: MachineTiming | None, path: Path) -> None:
    """Write a report of tables.

    Args:
        summary: What was found.
        timing: How long methods take; None: it was not measured.
        path: The file; one that is there is replaced.

    Raises:
        InputError: It cannot be written.
    """
    with open_atomic(path, overwrite=True) as file:
        file.writelines(f"{line}\n" for line in _lines(summary, timing))


def markdown_table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a table; cells are Markdown already, and all but those of the first column stand at the right."""
    for cells in (head, ["---", *("---:" for _ in head[1:])], *rows):
        yield f"| {' | '.join(cells)} |"


def plain_markdown(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _lines(summary: Summary, timing: MachineTiming | None) -> Iterator[str]:
    yield from _opening(summary)
    yield from _overview(summary)
    for measure in summary.measures:
        yield from _measure(summary, measure)
    yield from _sets(summary)
    yield from _identical(summary.identical)
    yield from _left_out(summary.settings.left_out)
    yield from _methods(summary.settings.methods)
    if timing is not None:
        yield from _times(timing)


def _opening(summary: Summary) -> Iterator[str]:
    settings, everything = summary.settings, summary.groups[0]
    protocol = settings.protocol
    yield f"# Evaluation by the protocol {protocol['name']}"
    yield ""
    yield f"{plain_markdown(protocol['definition'])} Source: {plain_markdown(protocol['source'])}."
    yield ""
    yield f"- {everything.pairs} pairs of {everything.photographs} photographs"
    yield f"- SHA-256 of the manifest: `{settings.manifest_sha256}`"
    yield f"- {', '.join(f'{package} {version}' for package, version in settings.versions.items())}"
    yield ""
    yield "The best is bold. Brackets hold 95 % intervals, bootstrapped over photographs."


def _overview(summary: Summary) -> Iterator[str]:
    measures, means = overall(summary)
    rows = (
        [plain_markdown(method), *(_mean(cell(means, method, each)) for each in measures)] for method in means
    )
    yield ""
    yield "## Means over all pairs"
    yield ""
    yield from markdown_table(["method", *map(_title, measures)], rows)


def _measure(summary: Summary, measure: MeasureFact) -> Iterator[str]:
    methods = [plain_markdown(method) for method in summary.settings.methods]
    rows = (
        [plain_markdown(describe_group(group)), *_means(group, measure)] for group in told_groups(summary)
    )
    yield ""
    yield f"## {_title(measure)}"
    yield ""
    yield f"`{measure.name}`: {plain_markdown(measure.definition)}"
    yield ""
    yield from markdown_table(["pairs", *methods], rows)
    if comparisons := first_against_others(summary, measure):
        yield ""
        head = [f"{methods[0]} against", "mean difference", "pairs won"]
        yield from markdown_table(head, (_comparison(each, measure) for each in comparisons))


def _means(group: Group, measure: MeasureFact) -> Iterator[str]:
    for method in group.means:
        written = cell(group.means, method, measure)
        yield f"{_mean(written)} {written.interval}".strip()


def _comparison(each: Comparison, measure: MeasureFact) -> list[str]:
    won = share_with_interval(each.won, each.won_low, each.won_high)
    return [plain_markdown(each.second), difference(each, measure), won]


def _sets(summary: Summary) -> Iterator[str]:
    if summary.sets:
        yield ""
        yield "## Measures of all pairs together"
        yield ""
    flags = {each.name: f" {each.flag[:1].upper()}{each.flag[1:]}." for each in summary.sets if each.flag}
    for measure in summary.set_measures:
        definition = plain_markdown(measure.definition) + flags.get(measure.name, "")
        yield f"- {_title(measure)} (`{measure.name}`): {definition}"


def _identical(identical: Mapping[str, Sequence[int]]) -> Iterator[str]:
    if identical:
        yield ""
        yield "## Painted exactly as the truth is"
        yield ""
        yield "The PSNR of these pairs is infinite and not in the means; numbers are places in the manifest."
        yield ""
    for method, numbers in identical.items():
        told = ", ".join(map(str, numbers[:_NUMBERS_TOLD]))
        more = (
            f" and {len(numbers) - _NUMBERS_TOLD} more (report.json)" if len(numbers) > _NUMBERS_TOLD else ""
        )
        yield f"- {plain_markdown(method)}: {told}{more}"


def _left_out(left_out: Mapping[str, str]) -> Iterator[str]:
    if left_out:
        yield ""
        yield "## Left out"
        yield ""
    yield from (f"- {measure}: {plain_markdown(reason)}" for measure, reason in left_out.items())


def _methods(methods: Mapping[str, Mapping[str, str | bool]]) -> Iterator[str]:
    yield ""
    yield "## Methods"
    yield ""
    for method, identity in methods.items():
        told = ", ".join(f"{key.replace('_', ' ')} {_fact(value)}" for key, value in identity.items())
        yield f"- {plain_markdown(method)}: {told}"


def _times(timing: MachineTiming) -> Iterator[str]:
    rows = (
        [
            plain_markdown(method),
            f"{each.seconds:.3f}",
            f"{each.slowest_seconds:.3f}",
            f"{each.megapixels:g}",
            NOTHING if each.peak_mb is None else str(each.peak_mb),
        ]
        for method, each in timing.methods.items()
    )
    yield ""
    yield "## Times"
    yield ""
    yield f"One picture at a time, each method alone. Machine: {plain_markdown(timing.machine)}."
    yield ""
    yield from markdown_table(["method", "median (s)", "slowest (s)", "megapixels", "peak memory (MB)"], rows)


def _fact(value: str | bool) -> str:
    return plain_markdown(value if isinstance(value, str) else "yes" if value else "no")


def _title(measure: MeasureFact) -> str:
    return f"{words_and_unit(measure)} {ARROWS[measure.better]}"


def _mean(written: Cell) -> str:
    return f"**{written.mean}**" if written.best else written.mean

"""The report of an evaluation: a folder with what programs, people and papers need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from splpaint.atomic_files import write_atomic
from splpaint.evaluation.deep_measures import find_deep
from splpaint.evaluation.protocols import find_protocol
from splpaint.evaluation.records import Settings, find_records, in_order
from splpaint.evaluation.report.figure import write_figure
from splpaint.evaluation.report.gallery import gather_gallery
from splpaint.evaluation.report.html_page import write_html_page
from splpaint.evaluation.report.latex import write_latex
from splpaint.evaluation.report.markdown import write_markdown
from splpaint.evaluation.report.report_json import write_report_json
from splpaint.evaluation.report.values_csv import write_values_csv
from splpaint.evaluation.set_values import set_values
from splpaint.evaluation.summary import MeasureFact, Summary, summarise
from splpaint.evaluation.timing import TIMING_FILE, MachineTiming, read_timing

__all__ = ["write_report"]


def write_report(folders: Sequence[Path], output: Path) -> Summary:
    """Make a report of measured values.

    Args:
        folders: What ``evaluate`` wrote to: one folder, or those of all shards.
        output: The report's folder; files of an older report in it are replaced.

    Returns:
        What was found.

    Raises:
        InputError: Values are missing or damaged, or a file cannot be written.
    """
    files = find_records(folders)
    settings = files[0].settings()
    summary = summarise(
        settings,
        _facts(settings, settings.measures),
        in_order(files),
        set_measures=_facts(settings, settings.sets),
        sets=set_values(settings, files),
    )
    write_report_json(summary, in_order(files), output / "report.json")
    timing = _bring_timing(folders, output)
    write_markdown(summary, timing, output / "report.md")
    write_latex(summary, output / "report.tex")
    write_values_csv(in_order(files), output / "values.csv")
    gallery = gather_gallery(files, summary.measures[0].better if summary.measures else None, output)
    write_figure(gallery, output)
    write_html_page(summary, gallery, timing, output / "report.html")
    return summary


def _bring_timing(folders: Sequence[Path], output: Path) -> MachineTiming | None:
    """The times that stand beside the values, if there are any; those of shards replace the report's."""
    there = [folder / TIMING_FILE for folder in (*folders, output) if (folder / TIMING_FILE).is_file()]
    if not there:
        return None
    if there[0].parent != output:
        write_atomic(output / TIMING_FILE, there[0].read_bytes())
    return read_timing(there[0])


def _facts(settings: Settings, names: Sequence[str]) -> list[MeasureFact]:
    protocol = {measure.name: measure for measure in find_protocol(settings.protocol["name"]).measures}
    facts = []
    for name in names:
        measure = protocol[name] if name in protocol else find_deep(name)
        weights = f" Weights: {settings.weights[name]}." if name in settings.weights else ""
        facts.append(
            MeasureFact(
                name=name,
                unit=measure.unit,
                better=measure.better,
                definition=measure.definition + weights,
            )
        )
    return facts

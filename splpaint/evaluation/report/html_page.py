"""``report.html``: the report for a browser, in one file that asks nothing of any other file or host.

The template, its style and its script lie in ``page/``. Without the script it can be read, but not sorted.
"""

from __future__ import annotations

import base64
import hashlib
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from splpaint.atomic_files import open_atomic
from splpaint.errors import MissingExtraError
from splpaint.evaluation.report import curves, notation
from splpaint.evaluation.report.gallery import Gallery, GalleryPair
from splpaint.evaluation.summary import Comparison, Mean, MeasureFact, Summary
from splpaint.evaluation.timing import MachineTiming

__all__ = ["write_html_page"]

_SOURCES = Path(__file__).parent / "page"
_QUALITY = 90

Means = Mapping[str, Mapping[str, Mean]]


def write_html_page(summary: Summary, gallery: Gallery, timing: MachineTiming | None, path: Path) -> None:
    """Write the page.

    Args:
        summary: What was found.
        gallery: The pairs that are shown.
        timing: How long methods took, if it was measured.
        path: The file; one that is there is replaced.

    Raises:
        InputError: It cannot be written.
        MissingExtraError: Jinja is not installed.
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ModuleNotFoundError as error:
        raise MissingExtraError("report.html", "eval", "jinja2") from error
    templates = Environment(
        loader=FileSystemLoader(_SOURCES),
        autoescape=True,  # names come from files and users
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"picture": _data_uri}
    style, script = (_source(name) for name in ("page.css", "page.js"))
    page = templates.get_template("page.html").generate(
        summary=summary,
        everything=summary.groups[0],
        tables=list(_tables(summary)),
        flags={each.name: each.flag for each in summary.sets if each.flag},
        notation=notation,
        timing=timing,
        gallery=gallery,
        values=[_values(pair, summary.measures) for pair in gallery],
        curves=_curves(summary),
        drawing=curves,
        is_clear=_is_clear,
        style=style,
        script=script,
        policy=f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}",
    )
    with open_atomic(path, overwrite=True) as file:
        file.writelines(page)


def _source(name: str) -> str:
    return (_SOURCES / name).read_text("utf-8")


def _hash(text: str) -> str:
    # The browser runs what has this checksum and nothing else, whatever a name may have smuggled in.
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _data_uri(file: Path) -> str:
    smaller = io.BytesIO()
    with Image.open(file) as picture:
        picture.save(smaller, "WEBP", quality=_QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(smaller.getvalue()).decode()}"


def _tables(summary: Summary) -> Iterator[tuple[str, Sequence[MeasureFact], Means]]:
    everything, *others = notation.told_groups(summary)
    yield notation.describe_group(everything), *notation.overall(summary)
    for group in others:
        yield notation.describe_group(group), summary.measures, group.means


def _curves(summary: Summary) -> list[tuple[MeasureFact, curves.Curves]]:
    drawn = ((measure, curves.draw_curves(summary, measure)) for measure in summary.measures)
    return [(measure, found) for measure, found in drawn if found]


def _is_clear(comparison: Comparison) -> bool:
    """Whether the interval of a difference leaves out 0."""
    low, high = comparison.low, comparison.high
    return low is not None and high is not None and (low > 0 or high < 0)


def _values(pair: GalleryPair, measures: Sequence[MeasureFact]) -> list[list[list[float | str | None]]]:
    """A value and how it is written, by method and measure; ``Infinity`` is no JSON."""
    return [
        [[_plain(row[measure.name]), _written(row[measure.name], measure)] for measure in measures]
        for row in pair.result.values.values()
    ]


def _plain(value: float) -> float | str | None:
    return value if math.isfinite(value) else None if math.isnan(value) else "exact"


def _written(value: float, measure: MeasureFact) -> str:
    if math.isinf(value):
        return "exactly the truth"
    return f"{notation.number(None if math.isnan(value) else value, measure)} {measure.unit}".strip()

"""Our fillings beside their parents', the network's and PyPatchMatch's, and Telea's: tables, sheets, figures to reach.

    python benchmarks/fillings.py PHOTOS -o REPORT [--split val] [--photographs N] [--before FOLDER] [--blind]

PHOTOS is what ``scripts/photo_corpus.py`` makes. Every photograph of at least a megapixel (of ``val``: half a
megapixel) is damaged by scratches, by a blob of a tenth and of a quarter of its shorter side, and by text, at its own
size: a filling is judged by details, which a reduced photograph does not have. ``--most-megapixels`` reduces larger
ones by area all the same, to see a change sooner; figures that are quoted are made without. Decisions are made on
``val``; ``test`` is looked at once.

All methods paint in one run, in turn, and ``splpaint.evaluation`` measures. REPORT holds its report, every painting as
PNG in ``paintings``, a sheet per kind of mask, and times. These are taken apart, each method alone in a process of its
own: every kind of mask on the first five photographs, reduced to a megapixel (the first one is not counted), and the
photographs of ``make demo``.

The same command continues a run that was stopped. ``--overwrite`` paints ours again, after a change, and measures and
times again; what the others painted is kept. ``--before`` compares with what another version painted: the folder
``paintings/compact-...`` of its run, or of ``splpaint pairs render REPORT/pairs.csv -o rendered`` painted by it:
``splpaint paint rendered/images --mask rendered/masks -o before``.

``--blind`` writes a sheet of all pairs against each of PyPatchMatch, Telea and the version before into ``blind-...``;
once answered and counted (``splpaint evaluate --answers ...``, as it prints), the same command judges the counts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.atomic_files import atomic_path
from splpaint.cli.terminal import stage_progress
from splpaint.evaluation import (
    ANSWERS_FILE,
    SHEET_FOLDER,
    BaselineMethod,
    LoadedPair,
    Method,
    ResultsMethod,
    Summary,
    evaluate,
    parse_model,
    write_blind_sheet,
    write_report,
    write_timing,
)
from splpaint.evaluation.methods import OpenMethod
from splpaint.evaluation.painting import list_pairs
from splpaint.evaluation.pictures import shown_window
from splpaint.evaluation.report.blind import PREFERENCES_FILE, Preferences
from splpaint.evaluation.report.panels import Panel, arrange, on_hole_colour
from splpaint.evaluation.timing import read_timing
from splpaint.images import CropBox, Pixels, Resampling, list_pictures, read_rgb, resample
from splpaint.machine import describe
from splpaint.masks import MaskFiles
from splpaint.pairs import (
    iterate_manifest,
    make_numbered_pairs,
    make_pairs,
    manifest_sha256,
    write_manifest,
)

KINDS = ("scratches", "blob-tenth", "blob-quarter", "text")
ALL, DEMO = "all", "demo"
OURS, NETWORK, PATCHES, TELEA, BEFORE = "compact", "compact,texture=off", "patchmatch", "telea", "before"
PARENTS = (NETWORK, PATCHES)
LOOKS = ("sharpness", "border_step", "ring_level", "grain")
MEASURES = ("psnr_hole", *LOOKS, "effnet")
LEAST_MEGAPIXELS = {"test": 1.0, "val": 0.5}
TIMED = 5
PANEL_PX = 320
SHOWN_PX = {"scratches": PANEL_PX, "text": PANEL_PX, "blob-tenth": 1024, "blob-quarter": 1024}
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

Means = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Kind of mask, or all => method => measure => mean."""
Seconds = Mapping[str, Mapping[str, float]]
"""Kind of mask, or the demo => method => seconds a picture."""


def main() -> None:
    """Print a table per kind of mask, and of the figures to reach."""
    options = parse_options()
    output: Path = options.output
    print(describe("openvino", "numpy", "pillow", "opencv-python-headless", "PyPatchMatch", "torch", "timm"))
    photographs = choose_photographs(
        options.photos / options.split,
        options.least_megapixels or LEAST_MEGAPIXELS[options.split],
        options.photographs,
    )
    pairs = output / "pairs.csv"
    write_pairs(pairs, photographs, KINDS, seed=options.seed, most_megapixels=options.most_megapixels)
    methods: list[Method] = [*map(parse_model, (OURS, NETWORK)), *map(BaselineMethod, (PATCHES, TELEA))]
    kept: list[Method] = [Kept(method, output / "paintings") for method in methods]
    if options.overwrite:
        if answered := list(output.glob("blind-*")):
            raise SystemExit(f"error: {answered[0]} shows what ours painted before; move it away")
        for folder in (output / "paintings").glob(f"{OURS}-*"):
            shutil.rmtree(folder)
    if options.before:
        kept.append(ResultsMethod(BEFORE, options.before))
    with stage_progress() as on_progress:
        evaluate(
            pairs,
            kept,
            measures=MEASURES,
            output=output,
            overwrite=options.overwrite,
            on_progress=on_progress,
        )
    means = means_of(write_report([output], output))
    write_sheets(pairs, kept, output)
    if options.blind:
        write_blind_sheets(pairs, kept, options.seed, output)
    seconds = time_methods(photographs, methods, options.seed, output / "timing", overwrite=options.overwrite)
    print(f"{options.photos / options.split}: {len(photographs)} photographs, seed {options.seed}")
    for kind in (ALL, *KINDS):
        print("\n" + table(kind, means[kind], seconds.get(kind, {})))
    rows = [*figures(means, seconds), *map(partial(preferred, output), (PATCHES, TELEA, BEFORE))]
    print("\n| figure | wanted | got | reached |\n|---|---|---|---|")
    for row in rows:
        print(
            f"| {row.what} | {row.wanted} | {row.got} | {('no', 'yes')[row.reached] if row.got else 'open'} |"
        )


def parse_options() -> argparse.Namespace:
    """What the docstring says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="folder with the folders test and val")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the report")
    parser.add_argument("--split", choices=LEAST_MEGAPIXELS, default="test")
    parser.add_argument("--photographs", type=int, help="take so many, evenly spread; default: all")
    parser.add_argument("--least-megapixels", type=float, help="take larger ones; default: 1, of val 0.5")
    parser.add_argument("--most-megapixels", type=float, default=float("inf"), help="reduce larger ones")
    parser.add_argument("--seed", type=int, default=1, help="of the masks and blind sheets")
    parser.add_argument("--before", type=Path, help="what another version painted for these pairs")
    parser.add_argument("--blind", action="store_true", help="write blind sheets")
    parser.add_argument("--overwrite", action="store_true", help="paint ours, measure and time again")
    return parser.parse_args()


# --- pairs


def choose_photographs(folder: Path, least_megapixels: float, count: int | None) -> list[Path]:
    """Photographs of at least so many megapixels; with a count so many of them, evenly spread over their names."""
    large = [path for path in list_pictures(folder) if megapixels(path) >= least_megapixels]
    count = min(count or len(large), len(large))
    return [large[place * len(large) // count] for place in range(count)]


def megapixels(path: Path) -> float:
    """Of a picture's file."""
    with Image.open(path) as picture:
        return picture.width * picture.height / 1e6


def write_pairs(
    manifest: Path, photographs: Sequence[Path], kinds: Sequence[str], *, seed: int, most_megapixels: float
) -> None:
    """A manifest of every photograph with a mask of each kind, photograph by photograph."""
    files = [reduced(path, most_megapixels, manifest.parent / "photographs") for path in photographs]
    alike = [make_pairs(files, masks=kind, seed=seed + KINDS.index(kind), view="native") for kind in kinds]
    write_manifest(chain.from_iterable(zip(*alike, strict=True)), manifest, overwrite=True)


def reduced(path: Path, most_megapixels: float, folder: Path) -> Path:
    """A photograph, or its reduction to so many megapixels in a folder."""
    if megapixels(path) <= most_megapixels:
        return path
    target = folder / f"{path.stem}-{most_megapixels:g}.png"
    if not target.exists():
        pixels = read_rgb(path)
        height, width = pixels.shape[:2]
        shrink = (height * width / 1e6 / most_megapixels) ** 0.5
        sides = round(width / shrink), round(height / shrink)
        save(resample(pixels, CropBox(0, 0, width, height), *sides, Resampling.AREA), target)
    return target


# --- methods


class Kept(NamedTuple):
    """A method whose paintings stay in a folder, so that each is painted once.

    Attributes:
        method: Paints them.
        folder: Theirs; each method has a folder in it, by its name, by what it says of itself and by the manifest.
    """

    method: Method
    folder: Path

    @property
    def name(self) -> str:
        """The method's."""
        return self.method.name

    def open(self, pairs: Path) -> OpenMethod:
        """Load the method."""
        opened = self.method.open(pairs)
        what = json.dumps([manifest_sha256(pairs), dict(opened.identity)])
        folder = self.folder / f"{self.name}-{hashlib.sha256(what.encode()).hexdigest()[:8]}"
        return OpenMethod(
            opened.identity, lambda pair: _painted_once(opened, pair, folder / f"{pair.name}.png")
        )


def _painted_once(opened: OpenMethod, pair: LoadedPair, file: Path) -> Pixels:
    if not file.exists():
        save(opened.paint(pair), file)
    return read_rgb(file)


def save(pixels: Pixels, file: Path) -> None:
    """Write a PNG, whole or not at all."""
    with atomic_path(file) as temporary:
        Image.fromarray(pixels).save(temporary, "PNG", compress_level=1)


def time_methods(
    photographs: Sequence[Path], methods: Sequence[Method], seed: int, folder: Path, *, overwrite: bool
) -> Seconds:
    """Seconds a picture: medians over each kind of mask on a megapixel; of the demo's photographs the slowest."""
    large = [path for path in photographs if megapixels(path) >= 1][:TIMED]
    for kind in KINDS:
        write_pairs(
            folder / f"{kind}.csv", large or photographs[:TIMED], [kind], seed=seed, most_megapixels=1
        )
    shown, masks = (list_pictures(EXAMPLES / name) for name in ("photographs", "masks"))
    demo = make_numbered_pairs(shown, masks=MaskFiles(masks), numbers=range(len(shown)), view="native")
    write_manifest(demo, folder / f"{DEMO}.csv", overwrite=True)
    seconds = {}
    for name in (*KINDS, DEMO):
        file = folder / f"{name}.json"
        if overwrite or not file.exists():
            write_timing(folder / f"{name}.csv", methods[: 1 if name == DEMO else None], file)
        timing = read_timing(file)
        assert timing is not None
        seconds[name] = {
            method: each.slowest_seconds if name == DEMO else each.seconds
            for method, each in timing.methods.items()
        }
    means = {
        method.name: float(np.mean([seconds[kind][method.name] for kind in KINDS])) for method in methods
    }
    return {ALL: means, **seconds}


# --- what is looked at


def write_sheets(pairs: Path, methods: Sequence[Method], output: Path) -> None:
    """One picture for each kind of mask: damaged, every method, truth, a row per photograph."""
    rows: dict[str, list[list[Panel]]] = {kind: [] for kind in KINDS}
    opened = {method.name: method.open(pairs) for method in methods if method.name != TELEA}
    for listed in list_pairs(pairs):
        pair, kind = listed.load(pairs.parent), listed.record.mask.kind
        window = shown_window(pair.hole, min(SHOWN_PX[kind], min(pair.hole.shape) - 1))
        known = np.where(pair.hole[..., None], np.uint8(0), np.uint8(255))
        damaged = on_hole_colour(Image.fromarray(np.concatenate([pair.image, known], axis=2)))
        painted = {method: Image.fromarray(each.paint(pair)) for method, each in opened.items()}
        views = {"damaged": damaged, **painted, "truth": Image.fromarray(pair.image)}
        rows[kind].append(
            [
                Panel(view.crop(window).resize((PANEL_PX, PANEL_PX), Image.Resampling.LANCZOS), caption)
                for caption, view in views.items()
            ]
        )
    for kind, panels in rows.items():
        with atomic_path(output / f"sheet-{kind}.png") as temporary:
            arrange(panels).save(temporary, "PNG")


def write_blind_sheets(pairs: Path, methods: Sequence[Method], seed: int, output: Path) -> None:
    """A sheet of all pairs against every method but the network alone."""
    ours, *others = [method for method in methods if method.name != NETWORK]
    count = sum(1 for _ in iterate_manifest(pairs))
    for other in others:
        folder = output / f"blind-{other.name}"
        write_blind_sheet(pairs, [ours, other], count=count, seed=seed, output=folder)
        answers = folder / SHEET_FOLDER / ANSWERS_FILE
        print(f"blind sheet in {folder}: splpaint evaluate --answers {answers} -o {folder}")


# --- tables


def means_of(summary: Summary) -> Means:
    """The means of a report."""
    return {
        group.label or ALL: {
            method: {name: float("nan") if (mean := row[name].mean) is None else mean for name in row}
            for method, row in group.means.items()
        }
        for group in summary.groups
        if group.by != "bin"
    }


def table(kind: str, means: Mapping[str, Mapping[str, float]], seconds: Mapping[str, float]) -> str:
    """Markdown: a row per method."""
    lines = [f"| {kind} | {' | '.join(MEASURES)} | seconds |", "|---" * (2 + len(MEASURES)) + "|"]
    for method, row in means.items():
        cells = [f"{row[name]:.2f}" for name in MEASURES if name in row]
        time = f"{seconds[method]:.2f}" if method in seconds else ""
        lines.append(f"| {method} | {' | '.join(cells)} | {time} |")
    return "\n".join(lines)


class Figure(NamedTuple):
    """A figure to reach; nothing was got if it is still open."""

    what: str
    wanted: str
    got: str
    reached: bool


def figures(means: Means, seconds: Seconds) -> Iterator[Figure]:
    """Those that need no eyes."""
    nearer = [name for name in LOOKS if _distance(means[ALL], OURS, name) < min(_parents(means[ALL], name))]
    yield Figure(
        f"nearer to the truth than both parents, of {', '.join(LOOKS)}",
        "3 of 4",
        f"{len(nearer)}: {', '.join(nearer) or 'none'}",
        len(nearer) >= 3,
    )
    farther = [
        f"{name} in {kind}"
        for kind in KINDS
        for name in LOOKS
        if _distance(means[kind], OURS, name) > max(_parents(means[kind], name))
    ]
    yield Figure(
        "cells of these farther than the worse parent's", "none", ", ".join(farther) or "none", not farther
    )
    for kind in ("scratches", "text"):
        lost = means[kind][OURS]["psnr_hole"] - means[kind][NETWORK]["psnr_hole"]
        yield Figure(f"PSNR in {kind}, over the network's", ">= -0.5 dB", f"{lost:+.2f}", lost >= -0.5)
    for kind in KINDS:
        won = means[kind][OURS]["psnr_hole"] - means[kind][PATCHES]["psnr_hole"]
        yield Figure(f"PSNR in {kind}, over PyPatchMatch's", ">= 0 dB", f"{won:+.2f}", won >= 0)
    if "effnet" in means[ALL][OURS]:
        apart, best = means[ALL][OURS]["effnet"], min(means[ALL][parent]["effnet"] for parent in PARENTS)
        yield Figure("feature distance", f"<= {best:.2f}", f"{apart:.2f}", apart <= best)
    for kind in KINDS:
        share = seconds[kind][OURS] / seconds[kind][PATCHES]
        yield Figure(f"time for {kind}, over PyPatchMatch's", "< 0.5", f"{share:.2f}", share < 0.5)
    for name, most in (("blob-quarter", 1.5), (DEMO, 3.0)):
        took = seconds[name][OURS]
        yield Figure(f"seconds for {name}", f"<= {most}", f"{took:.2f}", took <= most)


def _distance(means: Mapping[str, Mapping[str, float]], method: str, name: str) -> float:
    value = means[method][name]
    return value if name == "ring_level" else abs(value - 1)


def _parents(means: Mapping[str, Mapping[str, float]], name: str) -> list[float]:
    return [_distance(means, parent, name) for parent in PARENTS]


WANTED: Mapping[str, tuple[str, Callable[[int, int, int], bool]]] = {
    PATCHES: ("twice the other, 12 more", lambda ours, theirs, _: ours >= max(2 * theirs, theirs + 12)),
    TELEA: ("90 % of all", lambda ours, _, pairs: ours >= 0.9 * pairs),
    BEFORE: ("two thirds of the decided", lambda ours, theirs, _: 0 < ours >= 2 * theirs),
}
"""Opponent => how often ours is to be preferred, from the counts of ours, theirs and all answers."""


def preferred(output: Path, other: str) -> Figure:
    """The count of a blind sheet, if it was answered."""
    wanted, reached = WANTED[other]
    what, file = f"preferred to {other}, blind", output / f"blind-{other}" / PREFERENCES_FILE
    if not file.exists():
        return Figure(what, wanted, "", reached=False)
    contest = Preferences.model_validate_json(file.read_bytes()).contests[0]
    counts = contest.first_preferred, contest.second_preferred
    got = f"{counts[0]} to {counts[1]}, {contest.undecided} undecided"
    return Figure(what, wanted, got, reached(*counts, sum(counts) + contest.undecided))


if __name__ == "__main__":
    main()

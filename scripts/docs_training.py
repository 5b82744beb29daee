"""Draw how the bundled model was trained: its validation, and what it painted in between, run after run.

    python scripts/docs_training.py RUN [RUN ...]

Each run has started from what the one before it left. Writes docs/bundled-curve.png, docs/bundled-sheet.jpg and
docs/bundled-log.csv, all rows of the runs' logs.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from splpaint.training.report.history import BEST_BY, read_history

DOCS = Path(__file__).resolve().parent.parent / "docs"
ROWS = (6, 7, 8, 11)  # of the sheets in a run's samples/; their photographs are in the public domain or CC0
GAP_PX, HEAD_PX = 4, 24  # of these sheets
DAMAGED, COMPOSITE, TRUTH = 0, 2, 3  # columns of them
MOST_COLUMNS = 6


def main() -> None:
    """Write both pictures and the log."""
    runs = [Path(run) for run in sys.argv[1:]]
    if not runs:
        sys.exit(__doc__)
    states = [
        (number, run, row) for number, run in enumerate(runs) for row in read_history(run) if BEST_BY in row
    ]
    seen: list[float] = []
    for before, (number, _, row) in zip([None, *states], states, strict=False):
        # The first validation of a run is of the weights that the one before it has left.
        new = row["images"] - (before[2]["images"] if before is not None and before[0] == number else 0)
        seen.append((seen[-1] if seen else 0) + new)
    draw_curve(runs, states, seen)
    draw_sheet(states, seen)
    write_log(runs)


def draw_curve(runs: list[Path], states: list[tuple[int, Path, dict[str, float]]], seen: list[float]) -> None:
    """Validation over crops."""
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    axes = figure.subplots()
    for number, run in enumerate(runs):
        points = [
            (crops, row[BEST_BY]) for crops, (of, _, row) in zip(seen, states, strict=True) if of == number
        ]
        axes.plot([crops / 1000 for crops, _ in points], [psnr for _, psnr in points], "o-", label=run.name)
    axes.set_xlabel("crops since the start of these runs, thousands")
    axes.set_ylabel("PSNR in the hole, dB")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(DOCS / "bundled-curve.png", dpi=110)


def draw_sheet(states: list[tuple[int, Path, dict[str, float]]], seen: list[float]) -> None:
    """Some validation pairs, damaged, as painted in between, and true."""
    every = max(1, -(-(len(states) - 1) // (MOST_COLUMNS - 1)))
    chosen = sorted({*range(len(states) - 1, -1, -every), 0})
    sheets = [
        Image.open(run / "samples" / f"{row['images']:09.0f}.png")
        for _, run, row in (states[i] for i in chosen)
    ]
    side_px = (sheets[0].width - GAP_PX) // 5 - GAP_PX
    columns = [(DAMAGED, sheets[0], "damaged")]
    columns += [(COMPOSITE, sheet, f"{seen[i]:,.0f}") for i, sheet in zip(chosen, sheets, strict=True)]
    columns.append((TRUTH, sheets[0], "truth"))
    pitch = side_px + GAP_PX
    drawn = Image.new("RGB", (len(columns) * pitch + GAP_PX, len(ROWS) * pitch + HEAD_PX), "white")
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(size=14)
    for place, (column, sheet, name) in enumerate(columns):
        left = GAP_PX + place * pitch
        pen.text((left + side_px / 2, HEAD_PX / 2), name, fill="black", font=font, anchor="mm")
        for line, row in enumerate(ROWS):
            corner = (GAP_PX + column * pitch, HEAD_PX + row * pitch)
            part = sheet.crop((*corner, corner[0] + side_px, corner[1] + side_px))
            drawn.paste(part, (left, HEAD_PX + line * pitch))
    drawn.save(DOCS / "bundled-sheet.jpg", quality=85)


def write_log(runs: list[Path]) -> None:
    """A row for each of the runs' logs."""
    rows = [{"run": run.name} | row for run in runs for row in read_history(run)]
    with (DOCS / "bundled-log.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()

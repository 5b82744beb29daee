"""In-hole PSNR of a model against OpenCV's Telea and Navier-Stokes, with paired confidence intervals.

    python benchmarks/compare_classical.py PICTURES [--model compact] [--seed 1] [--sheet OUT.png]

PICTURES is a folder or list file. Every picture, cropped to its central square and reduced to 256 x 256 by
area, gets one irregular mask of each of the bins from 10 to 50 %; each method paints the same pairs. A gain
is the model's mean in-hole PSNR minus the classical one's, with the 95 % interval of a bootstrap over the
pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from rich.progress import track

from splpaint import load_inpainter
from splpaint.errors import MissingExtraError
from splpaint.evaluation import BASELINES, Painter
from splpaint.images import list_pictures
from splpaint.machine import describe
from splpaint.metrics import psnr_in_hole
from splpaint.pairs import load_pair, make_pairs

try:
    import cv2  # noqa: F401 (the classical painters need it once they paint)
    from scipy.stats import bootstrap
except ModuleNotFoundError as error:
    raise SystemExit(f"error: {MissingExtraError(Path(__file__).name, 'eval', str(error.name))}") from error

BINS = ("(0.1,0.2]", "(0.2,0.3]", "(0.3,0.4]", "(0.4,0.5]")
SHEET_ROWS = 24


def main() -> None:
    """Print the table; write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path, help="folder or list file")
    parser.add_argument("--model", default="compact", help="name or folder")
    parser.add_argument("--seed", type=int, default=1, help="seed of the masks")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet: damaged, each method, truth")
    options = parser.parse_args()

    paint = load_inpainter(options.model, texture=False)
    painters: dict[str, Painter] = {**BASELINES, options.model: lambda image, hole: paint(image, hole)}
    print(describe("openvino", "opencv-python-headless", "numpy", "pillow"))
    scores, rows = measure(painters, list_pictures(options.pictures), options.seed)
    print(
        f"{options.pictures}: {len(scores)} pictures, {len(BINS)} irregular masks each, seed {options.seed}; "
        f"{options.model} in {paint.precision}"
    )
    print(table(scores, list(painters)))
    if options.sheet:
        Image.fromarray(np.concatenate(rows[:SHEET_ROWS])).save(options.sheet)


def measure(
    painters: dict[str, Painter], pictures: list[Path], seed: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """In-hole PSNR (pictures, bins, painters) in dB, and one sheet row uint8 (256, W, 3) per picture."""
    pairs = make_pairs(pictures, seed=seed, masks_per_image=6)  # six in a row are one of each bin
    scores = np.empty((len(pictures), len(BINS), len(painters)))
    rows = []
    for number, pair in enumerate(track(pairs, "painting", total=6 * len(pictures))):
        if pair.bin not in BINS:
            continue
        picture, bin = number // 6, BINS.index(pair.bin)
        image, hole = load_pair(pair, Path())
        painted = [painter(image, hole) for painter in painters.values()]
        scores[picture, bin] = [psnr_in_hole(result, image, hole) for result in painted]
        if bin == picture % len(BINS):
            damaged = np.where(hole[..., None], np.uint8(255), image)
            rows.append(np.concatenate([damaged, *painted, image], axis=1))
    return scores, rows


def table(scores: np.ndarray, names: list[str]) -> str:
    """Markdown: a row per bin and one for their mean."""
    baselines = names[:-1]
    lines = [
        "| hole | "
        + " | ".join(names)
        + " | "
        + " | ".join(f"gain over {name}" for name in baselines)
        + " |",
        "|---" * (1 + len(names) + len(baselines)) + "|",
    ]
    for label, values in [*zip(BINS, scores.transpose(1, 0, 2), strict=True), ("mean", scores.mean(axis=1))]:
        cells = [f"{value:.2f}" for value in values.mean(axis=0)]
        cells += [interval(values[:, -1] - values[:, i]) for i in range(len(baselines))]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def interval(differences: np.ndarray) -> str:
    """Mean and 95 % bootstrap interval of paired differences."""
    result = bootstrap((differences,), np.mean, rng=np.random.default_rng(0), n_resamples=9999)
    low, high = result.confidence_interval
    wins = np.mean(differences > 0)
    return f"{differences.mean():+.2f} [{low:+.2f}, {high:+.2f}], better on {wins:.0%}"


if __name__ == "__main__":
    main()

"""Models beside each other on the same pictures and masks of several kinds.

    python benchmarks/compare_models.py PICTURES --models compact MODEL [--masks irregular thick box] [--sheet OUT.png]

PICTURES is a folder or list file. Every picture, cropped to its central square and reduced to 256 x 256 by area, gets
two masks of each kind; each network paints alone, without copied texture. In-hole PSNR is a mean, with the paired 95 %
interval of the difference from the first model; the other figures (``splpaint/metrics/continuity.py``) are medians.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from compare_classical import interval
from PIL import Image
from rich.progress import track

from splpaint import load_inpainter
from splpaint.images import list_pictures
from splpaint.machine import describe
from splpaint.metrics import border_step, psnr_in_hole, ring_level_error, sharpness
from splpaint.pairs import load_pair, make_pairs

MASKS_PER_PICTURE = 2
FIGURES = (psnr_in_hole, sharpness, border_step, ring_level_error)
SHEET_ROWS = 16


def main() -> None:
    """Print a table for each kind of mask; write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path, help="folder or list file")
    parser.add_argument("--models", nargs="+", required=True, help="names or folders")
    parser.add_argument(
        "--masks", nargs="+", default=["irregular", "thick", "box"], help="kinds that are drawn"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the masks")
    parser.add_argument("--sheet", type=Path, help="write damaged, each model, truth")
    options = parser.parse_args()
    painters = [load_inpainter(model, texture=False) for model in options.models]
    pictures = list_pictures(options.pictures)
    print(describe("openvino", "numpy", "pillow"))
    print(f"{options.pictures}: {len(pictures)} pictures, {MASKS_PER_PICTURE} masks of a kind each")
    rows = []
    for kind in options.masks:
        scores = np.empty((len(pictures) * MASKS_PER_PICTURE, len(painters), len(FIGURES)))
        pairs = make_pairs(pictures, masks=kind, seed=options.seed, masks_per_image=MASKS_PER_PICTURE)
        for number, pair in enumerate(track(pairs, kind, total=len(scores))):
            image, hole = load_pair(pair, Path())
            painted = [paint(image, hole) for paint in painters]
            scores[number] = [[figure(each, image, hole) for figure in FIGURES] for each in painted]
            if number % (len(scores) // SHEET_ROWS) == 0:
                damaged = np.where(hole[..., None], np.uint8(255), image)
                rows.append(np.concatenate([damaged, *painted, image], axis=1))
        print(table(kind, options.models, scores))
    if options.sheet:
        Image.fromarray(np.concatenate(rows)).save(options.sheet)


def table(kind: str, models: list[str], scores: np.ndarray) -> str:
    """Markdown: a row per model."""
    lines = [
        f"\n| {kind} | PSNR, dB | from the first | sharpness | border step | ring level |",
        "|---" * 6 + "|",
    ]
    for place, model in enumerate(models):
        psnr, medians = scores[:, place, 0], np.nanmedian(scores[:, place, 1:], axis=0)
        gain = interval(psnr - scores[:, 0, 0]) if place else ""
        cells = [model, f"{psnr.mean():.2f}", gain, *(f"{value:.2f}" for value in medians)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""What the first fill is worth: PSNR in the hole of several, and of what a network paints that starts from each.

    python benchmarks/first_fill.py photos/val [--model compact] [--every N]

The holes are those of the validation while training, four a photograph, at the working size. A network has
learnt from one fill; the others are put in its place as they are. The last columns are the fill's PSNR by the distance
to the nearest known pixel.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections import defaultdict
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from splpaint.cpu import usable_cores
from splpaint.datasets import open_pictures
from splpaint.evaluation.baselines import biharmonic, navier_stokes, telea
from splpaint.images import Hole, Pixels, to_pixels, to_planes
from splpaint.inference.models import BUNDLED
from splpaint.machine import describe
from splpaint.metrics import psnr_in_hole
from splpaint.networks import load_model
from splpaint.networks.config import CompactConfig
from splpaint.networks.initial_fill import pull_push
from splpaint.training.validation import validation_pairs

SWEEPS = (0, 1, 2, 4, 8, 400)
CLASSICAL = (telea, navier_stokes, biharmonic)
DISTANCES_PX = (0, 1, 2, 4, 8, 16, 256)
LEAST_PIXELS = 20


def main() -> None:
    """Print a row a fill."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs")
    parser.add_argument("--model", default="compact", help="a name or a model folder")
    parser.add_argument("--every", type=int, default=1, help="take every N-th pair")
    options = parser.parse_args()
    torch.set_num_threads(usable_cores())
    network, config = load_model(BUNDLED.get(options.model, Path(options.model)))
    if not isinstance(config, CompactConfig):
        parser.error(f"--model must be of the architecture compact, got {config.architecture}")
    pictures = open_pictures(options.photographs)
    pairs = validation_pairs(pictures, size_px=config.working_size_px, most_photographs=50)[:: options.every]
    fills = {
        f"{sweeps} sweeps": partial(pull_push, levels=config.fill_levels, sweeps=sweeps) for sweeps in SWEEPS
    }

    rows: dict[str, list[list[float]]] = defaultdict(list)
    for image, hole in track(pairs, "painting"):
        for name, fill in fills.items():
            network.fill, filled = fill, from_planes(fill(*as_tensors(image, hole)))
            painted = from_planes(network(*as_tensors(image, hole)).painted)
            rows[name].append([psnr_in_hole(painted, image, hole), *by_distance(filled, image, hole)])
        for method in CLASSICAL:
            rows[method.__name__].append([math.nan, *by_distance(method(image, hole), image, hole)])

    print(
        f"{describe('torch', 'opencv-python-headless', 'scikit-image')}; {len(pairs)} pairs, {options.model}"
    )
    ends = [f"{nearest} to {farthest} px" for nearest, farthest in pairwise(DISTANCES_PX)]
    print(f"| fill | network from it | fill alone | {' | '.join(ends)} |")
    print("| --- |" + " ---: |" * (2 + len(ends)))
    for name, values in rows.items():
        means = ["" if math.isnan(value) else f"{value:.2f}" for value in by_column(values)]
        print(f"| {name.replace('_', '-')} | {' | '.join(means)} |")


def as_tensors(image: Pixels, hole: Hole) -> tuple[Tensor, Tensor]:
    """uint8 (H,W,3), bool (H,W) => (1,3,H,W) in [0,1], (1,1,H,W)."""
    return torch.from_numpy(to_planes(image))[None], torch.from_numpy(hole[None, None].astype(np.float32))


def from_planes(planes: Tensor) -> Pixels:
    """(1,3,H,W) in [0,1] => uint8 (H,W,3)."""
    return to_pixels(planes[0].clamp(0, 1).numpy())


def by_distance(filled: Pixels, image: Pixels, hole: Hole) -> list[float]:
    """PSNR, dB, in the hole and in each ring of it; NaN where there are few pixels."""
    distance = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    rings = [
        hole & (distance > nearest) & (distance <= farthest) for nearest, farthest in pairwise(DISTANCES_PX)
    ]
    return [
        psnr_in_hole(filled, image, ring) if ring.sum() >= LEAST_PIXELS else math.nan
        for ring in (hole, *rings)
    ]


def by_column(values: list[list[float]]) -> list[float]:
    """Means of what is not NaN; NaN where all is."""
    columns = ([value for value in column if not math.isnan(value)] for column in zip(*values, strict=True))
    return [statistics.mean(column) if column else math.nan for column in columns]


if __name__ == "__main__":
    with torch.inference_mode():
        main()

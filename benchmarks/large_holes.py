"""Strategies for small and large holes in large photographs: in-hole PSNR, sharpness, border and time.

    python benchmarks/large_holes.py PICTURES [--least-megapixels 2] [--seed 1] [--sheet OUT.png]

Every photograph of at least so many megapixels gets, in turn, twelve scratches (a hundredth of its shorter side
wide) and one blob of a tenth, a fifth and a third of its shorter side. The strategies:

- Telea: OpenCV's method, radius 5;
- whole picture: the network sees the whole picture at its working size, and its painting is enlarged;
- crops: the network sees crops around the holes, a large hole at its working size, so that its painting is enlarged;
- crops, coarse to fine: the same at half the size, and so on; the painting of each size, enlarged, is kept except for a
  band along the border of the hole, which is painted again;
- crops and texture: crops, and what is thick filled with the picture's own texture, what `splpaint paint` does.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from rich.progress import track

from splpaint import load_inpainter
from splpaint.errors import MissingExtraError
from splpaint.evaluation import Painter, telea
from splpaint.images import composite, list_pictures, read_rgb
from splpaint.machine import describe
from splpaint.metrics import border_step, psnr_in_hole, ring_level_error, sharpness

try:
    import cv2
except ModuleNotFoundError as error:
    raise SystemExit(f"error: {MissingExtraError(Path(__file__).name, 'eval', str(error.name))}") from error

BLOBS = {"blob, a tenth": 0.1, "blob, a fifth": 0.2, "blob, a third": 1 / 3}
HOLES = ("scratches", *BLOBS)
FIGURES = ("PSNR, dB", "sharpness", "border step", "ring level", "seconds")
VIEW_PX = 300
WORKING_SIZE_PX = 256
BAND_PX = 24


def main() -> None:
    """Print a table per kind of hole; write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path, help="folder or list file")
    parser.add_argument("--model", default="compact", help="name or folder")
    parser.add_argument("--least-megapixels", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1, help="of the holes")
    parser.add_argument(
        "--sheet", type=Path, help="write damaged, each strategy, truth for the largest holes"
    )
    options = parser.parse_args()

    network = load_inpainter(options.model, texture=False)
    strategies: dict[str, Painter] = {
        "Telea": telea,
        "whole picture": lambda image, hole: _whole_picture(network, image, hole),
        "crops": lambda image, hole: network(image, hole),
        "crops, coarse to fine": lambda image, hole: _coarse_to_fine(network, image, hole),
        "crops and texture": load_inpainter(options.model),
    }
    pictures = [
        path for path in list_pictures(options.pictures) if _megapixels(path) >= options.least_megapixels
    ]
    print(describe("openvino", "opencv-python-headless", "numpy", "pillow"))
    print(
        f"{options.pictures}: {len(pictures)} photographs of {options.least_megapixels:g} to "
        f"{max(map(_megapixels, pictures)):.1f} megapixels; {options.model} in {network.precision}"
    )
    scores, rows = measure(strategies, pictures, options.seed)
    for kind, values in zip(HOLES, scores, strict=True):
        print(table(kind, list(strategies), np.nanmedian(values, axis=0), np.nanmean(values, axis=0)))
    if options.sheet:
        Image.fromarray(np.concatenate(rows)).save(options.sheet)


def measure(
    strategies: dict[str, Painter], pictures: list[Path], seed: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Figures (kinds of hole, pictures, strategies, figures) and a row of the sheet per picture."""
    scores = np.empty((len(HOLES), len(pictures), len(strategies), len(FIGURES)))
    rows = []
    for number, path in enumerate(track(pictures, "painting")):
        truth = read_rgb(path)
        random = np.random.default_rng([seed, number])
        for kind, name in enumerate(HOLES):
            hole = draw_hole(name, *truth.shape[:2], random)
            views = [np.where(hole[..., None], np.uint8(255), truth)]
            for which, paint in enumerate(strategies.values()):
                started = time.perf_counter()
                painted = paint(truth, hole)
                seconds = time.perf_counter() - started
                figures: tuple[Callable[..., float], ...] = (
                    psnr_in_hole,
                    sharpness,
                    border_step,
                    ring_level_error,
                )
                scores[kind, number, which] = [*(figure(painted, truth, hole) for figure in figures), seconds]
                views.append(painted)
        window = _around(hole)
        views = [
            Image.fromarray(view[window]).resize((VIEW_PX, VIEW_PX), Image.Resampling.LANCZOS)
            for view in (*views, truth)
        ]
        rows.append(np.concatenate([np.asarray(view) for view in views], axis=1))
    return scores, rows


def draw_hole(kind: str, height: int, width: int, random: np.random.Generator) -> np.ndarray:
    """Scratches, or a blob in the middle half of the picture: bool (H,W)."""
    side = min(height, width)
    drawn = np.zeros((height, width), np.uint8)
    if kind in BLOBS:
        centre = random.uniform(0.3, 0.7, 2) * (width, height)
        turn, phases = np.linspace(0, 2 * np.pi, 200, endpoint=False), random.uniform(0, 2 * np.pi, 2)
        radius = (
            BLOBS[kind]
            * side
            / 2
            * (1 + 0.18 * np.sin(3 * turn + phases[0]) + 0.1 * np.sin(5 * turn + phases[1]))
        )
        points = centre + radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        cv2.fillPoly(drawn, [np.rint(points).astype(np.int32)], 1)
    else:
        for _ in range(12):
            points = random.uniform(0, 1, (2, 2)) * (width, height)
            start, end = points[0], points[0] + (points[1] - points[0]) * 0.4
            cv2.line(drawn, start.astype(int).tolist(), end.astype(int).tolist(), 1, max(2, side // 100))
    return drawn.astype(np.bool_)


def table(kind: str, names: list[str], medians: np.ndarray, means: np.ndarray) -> str:
    """Markdown: a row per strategy; PSNR and time as means, ratios as medians."""
    lines = [f"\n| {kind} | " + " | ".join(FIGURES) + " |", "|---" * (1 + len(FIGURES)) + "|"]
    for name, median, mean in zip(names, medians, means, strict=True):
        lines.append(
            f"| {name} | {mean[0]:.2f} | {median[1]:.2f} | {median[2]:.2f} | {median[3]:.1f} | {mean[4]:.2f} |"
        )
    return "\n".join(lines)


def _whole_picture(network: Painter, image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    small = _reduced(image, hole, max(hole.shape) / WORKING_SIZE_PX)
    return composite(_enlarged(network(*small), image), image, hole)


def _coarse_to_fine(network: Painter, image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    thick = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5).max() > BAND_PX
    if not thick or max(hole.shape) <= WORKING_SIZE_PX:
        return network(image, hole)
    coarse = _coarse_to_fine(network, *_reduced(image, hole, 2))
    guess = composite(_enlarged(coarse, image), image, hole)
    inner = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5) > BAND_PX
    return network(guess, hole & ~inner)


def _reduced(image: np.ndarray, hole: np.ndarray, shrink: float) -> tuple[np.ndarray, np.ndarray]:
    size = (round(hole.shape[1] / shrink), round(hole.shape[0] / shrink))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return small, cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0


def _enlarged(small: np.ndarray, image: np.ndarray) -> np.ndarray:
    return cv2.resize(small, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC)


def _megapixels(path: Path) -> float:
    with Image.open(path) as picture:
        return picture.width * picture.height / 1e6


def _around(hole: np.ndarray) -> tuple[slice, slice]:
    rows, columns = np.nonzero(hole)
    reach = round(0.75 * max(np.ptp(rows), np.ptp(columns)))
    side = min(2 * reach, *hole.shape)
    top = int(np.clip((rows.min() + rows.max() - side) // 2, 0, hole.shape[0] - side))
    left = int(np.clip((columns.min() + columns.max() - side) // 2, 0, hole.shape[1] - side))
    return slice(top, top + side), slice(left, left + side)


if __name__ == "__main__":
    main()

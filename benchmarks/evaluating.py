"""How fast an evaluation is: PSNR and SSIM of a folder of results, beside scikit-image's over all cores.

    python benchmarks/evaluating.py PICTURES [--pairs 10000] [--turns 3]

PICTURES is a folder or list file. Random crops of 256 x 256 are saved as PNG, with results for each: the same crop with
noise. Both sides read pictures and results from their files and compute PSNR and SSIM (Gaussian window, sigma 1.5);
scikit-image runs in one process per core, without manifest, masks and checksums. They take turns; printed are medians,
their ratio, and the peak of our memory for a tenth of the pairs and for all.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from rich.progress import track
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from splpaint.cpu import usable_cores
from splpaint.images import list_pictures, read_rgb
from splpaint.machine import describe
from splpaint.masks import GENERATORS
from splpaint.pairs import list_pair_pictures, make_pairs, pair_names, write_manifest

SIDE_PX = 256
MASKS = 100


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path, help="folder or list file")
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    print(describe("numpy", "opencv-python-headless", "scikit-image", "pillow"))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_files(root, list_pictures(options.pictures), options.pairs)
        seconds: dict[str, list[float]] = {"splpaint": [], "scikit-image": []}
        for _ in range(options.turns):
            seconds["splpaint"].append(ours(root, "pairs.csv")[0])
            seconds["scikit-image"].append(theirs(root))
        medians = {name: statistics.median(times) for name, times in seconds.items()}
        for name, median in medians.items():
            print(f"{name}: {median:.1f} s, {options.pairs / median:.0f} pairs/s")
        print(f"splpaint takes {medians['splpaint'] / medians['scikit-image']:.2f} times as long")
        peaks = [ours(root, name)[1] for name in ("tenth.csv", "pairs.csv")]
        print(
            f"peak memory: {peaks[0]} MB for {options.pairs // 10} pairs, {peaks[1]} MB for {options.pairs}"
        )


def make_files(root: Path, pictures: list[Path], count: int) -> None:
    """Crops, masks, results and two manifests."""
    for name in ("crops", "masks", "results", "tenth"):
        (root / name).mkdir()
    for index in range(MASKS):
        hole = GENERATORS["irregular"](seed=1, index=index, height=SIDE_PX, width=SIDE_PX)
        Image.fromarray(hole).save(root / "masks" / f"{index:04}.png")
    random = np.random.default_rng(1)
    images = [image for path in pictures if min((image := read_rgb(path)).shape[:2]) >= SIDE_PX]
    for number in track(range(count), "making crops"):
        image = images[number % len(images)]
        top, left = (random.integers(length - SIDE_PX + 1) for length in image.shape[:2])
        crop = image[top : top + SIDE_PX, left : left + SIDE_PX]
        Image.fromarray(crop).save(root / "crops" / f"{number:06}.png", compress_level=1)
    crops = list_pair_pictures(str(root / "crops"))
    write_manifest(make_pairs(crops, masks=list_pictures(root / "masks"), seed=1), root / "pairs.csv")
    write_manifest(
        make_pairs(crops[: count // 10], masks=list_pictures(root / "masks"), seed=1), root / "tenth.csv"
    )
    for number, name in enumerate(track(pair_names(root / "pairs.csv"), "making results")):
        image = np.asarray(Image.open(root / "crops" / f"{number:06}.png")).astype(np.int16)
        noisy = (image + random.integers(-30, 31, image.shape, dtype=np.int16)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(root / "results" / f"{name}.png", compress_level=1)
        if number < count // 10:
            shutil.copy(root / "results" / f"{name}.png", root / "tenth")


def ours(root: Path, manifest: str) -> tuple[float, int]:
    """Seconds and peak MB of the command."""
    results = "results" if manifest == "pairs.csv" else "tenth"
    command = [sys.executable, "-m", "splpaint", "evaluate", "--pairs", str(root / manifest)]
    command += ["--results", f"theirs={root / results}", "--measure", "psnr", "--measure", "ssim"]
    command += ["--overwrite", "--no-timing", "-o", str(root / "report")]
    timed = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
    timed += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", timed, *command], check=True, capture_output=True, text=True)
    return time.perf_counter() - started, round(int(done.stdout) * 1024 / 1e6)


def theirs(root: Path) -> float:
    """Seconds of scikit-image in one process per core."""
    crops, results = (sorted((root / name).iterdir()) for name in ("crops", "results"))
    started = time.perf_counter()
    with multiprocessing.Pool(usable_cores()) as processes:
        values = processes.starmap(measure, zip(crops, results, strict=True), chunksize=16)
    assert np.isfinite(values).all()
    return time.perf_counter() - started


def measure(crop: Path, result: Path) -> tuple[float, float]:
    """PSNR and SSIM by scikit-image."""
    truth, painted = (np.asarray(Image.open(path)) for path in (crop, result))
    ssim = structural_similarity(
        truth, painted, channel_axis=-1, gaussian_weights=True, use_sample_covariance=False, sigma=1.5
    )
    return peak_signal_noise_ratio(truth, painted), ssim


if __name__ == "__main__":
    main()

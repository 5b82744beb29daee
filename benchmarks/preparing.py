"""How long `splpaint data prepare` takes for the known datasets.

    python benchmarks/preparing.py PHOTOGRAPHS [--count 600] [--workers 2]

Makes JPEGs of each dataset's size (quality 90) out of random parts of the photographs in a temporary folder, looks them
over as the command does, and reckons how long the whole dataset takes at that rate.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from splpaint.datasets import Part, prepare_dataset
from splpaint.images import list_pictures, read_rgb
from splpaint.machine import describe

DATASETS = {"paris": (936, 537, 15_000), "celeba": (178, 218, 202_599), "places2": (256, 256, 1_839_960)}


def main() -> None:
    """Print a line for each dataset."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path, help="folder or list file")
    parser.add_argument("--count", type=int, default=600, help="pictures made for each dataset")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    photographs = [read_rgb(path) for path in list_pictures(options.photographs)]
    print(describe("numpy", "pillow"))
    print(f"{len(photographs)} photographs, {options.count} JPEGs each, {options.workers} workers")
    for name, (width, height, pictures) in DATASETS.items():
        with tempfile.TemporaryDirectory() as place:
            files = cuttings(photographs, width, height, options.count, Path(place))
            started = time.perf_counter()
            prepare_dataset(
                [Part("pictures", files, None, [])], Path(place, "lists"), workers=options.workers
            )
            rate = len(files) / (time.perf_counter() - started)
        minutes = pictures / rate / 60
        print(f"{name:<8} {width}x{height} {rate:7.0f} pictures/s, all {pictures:,} in {minutes:.1f} min")


def cuttings(photographs: list[np.ndarray], width: int, height: int, count: int, folder: Path) -> list[Path]:
    """Random parts of the photographs, resized and saved."""
    random = np.random.default_rng(0)
    files = []
    for number in range(count):
        pixels = photographs[number % len(photographs)]
        share = random.uniform(0.3, 1) * min(pixels.shape[0] / height, pixels.shape[1] / width)
        tall, wide = int(share * height), int(share * width)
        top, left = random.integers(pixels.shape[0] - tall + 1), random.integers(pixels.shape[1] - wide + 1)
        box = (left, top, left + wide, top + tall)
        picture = Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS, box)
        files.append(folder / f"{number:06}.jpg")
        picture.save(files[-1], quality=90)
    return files


if __name__ == "__main__":
    main()

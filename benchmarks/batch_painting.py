"""Throughput of a folder painted by ``run_batch`` against its pictures painted one by one.

    python benchmarks/batch_painting.py PICTURES [--model compact] [--count 40] [--side 1600] [--repeats 3] [--small]

PICTURES is a folder or list file. Its pictures, in turn until there are COUNT, are reduced to SIDE pixels on the
longer side, saved as JPEG and each given an irregular mask of 1 to 10 %, or with --small a hole of 64 x 64 pixels. Both
ways read, paint and write the same files; they alternate, and the median of each is compared. One by one already lets
the network use every core, for one picture; the batch lets them work on several.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from PIL import Image

from splpaint import Inpainter, load_inpainter
from splpaint.cpu import usable_cores
from splpaint.images import list_pictures, read_rgb
from splpaint.inference import Job, MaskFile, PaintOptions, plan_batch, run_batch
from splpaint.machine import describe
from splpaint.masks import irregular_mask


def main() -> None:
    """Print pictures a second, both ways, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path, help="folder or list file")
    parser.add_argument("--model", default="compact", help="name or folder")
    parser.add_argument("--count", type=int, default=40, help="how many pictures")
    parser.add_argument("--side", type=int, default=1600, help="longer side in pixels")
    parser.add_argument("--repeats", type=int, default=3, help="how often each way")
    parser.add_argument("--small", action="store_true", help="a hole of 64 x 64 pixels each")
    options = parser.parse_args()

    paint, paint_many = (load_inpainter(options.model, many_at_once=many) for many in (False, True))
    print(describe("openvino", "numpy", "pillow"))
    with tempfile.TemporaryDirectory() as place:
        prepare(options.pictures, Path(place), options.count, options.side, small=options.small)
        jobs = plan_batch(Path(place, "in"), MaskFile(Path(place, "masks")), Path(place, "out"))
        ways = {"one by one": (paint, 1), "batch": (paint_many, usable_cores() + 1)}
        for painter, workers in ways.values():
            seconds(painter, jobs[:workers], workers)  # the first pictures set the network up
        times = [
            [seconds(painter, jobs, workers) for painter, workers in ways.values()]
            for _ in range(options.repeats)
        ]
    median = np.median(times, axis=0)
    print(
        f"{options.count} pictures of {options.side} pixels, {paint.model} on {paint.engine}, {paint.precision}"
    )
    for (way, (_, workers)), taken in zip(ways.items(), median, strict=True):
        print(f"{way} ({workers} threads): {options.count / taken:.2f} pictures a second")
    print(f"ratio {median[0] / median[1]:.2f} (median of {options.repeats})")


def prepare(pictures: Path, place: Path, count: int, side_px: int, *, small: bool) -> None:
    """Write the folders ``in`` and ``masks``."""
    for folder in ("in", "masks"):
        (place / folder).mkdir()
    for number, path in enumerate(islice(cycle(list_pictures(pictures)), count)):
        picture = Image.fromarray(read_rgb(path))
        size = [round(length * side_px / max(picture.size)) for length in picture.size]
        picture.resize((size[0], size[1])).save(place / "in" / f"{number:04}.jpg", quality=92)
        hole = irregular_mask(seed=1, index=number, height=size[1], width=size[0], bin=0)
        if small:
            hole[:] = False
            hole[size[1] // 2 :, size[0] // 2 :][:64, :64] = True
        Image.fromarray(hole).save(place / "masks" / f"{number:04}.png")


def seconds(paint: Inpainter, jobs: list[Job], workers: int) -> float:
    """Time to paint them all again."""
    started_s = time.perf_counter()
    outcomes = list(run_batch(paint.painter, jobs, PaintOptions(), overwrite=True, workers=workers))
    taken_s = time.perf_counter() - started_s
    assert all(outcome.state == "painted" for outcome in outcomes), outcomes
    return taken_s


if __name__ == "__main__":
    main()

"""Throughput of a Ray cluster on this machine against ``run_batch``, and what a million pictures cost by it.

    OPENBLAS_NUM_THREADS=1 python benchmarks/cluster.py data/photos/val [--count 44] [--repeats 2] [--cores 16]

The photographs, in turn until there are COUNT, are scaled to one megapixel, saved as JPEG and each given an irregular
mask of 1 to 10 %. Both ways read, paint and write the same files, and must write the same bytes; they alternate. Each
paints a few pictures first and then all: what each further picture takes is compared, and what remains is the start.
The table is computed from that; it assumes that machines of CORES cores, each core as fast as one here, do not slow
each other down.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as splpaint paint does

import numpy as np
import psutil
import pyarrow
from PIL import Image

from splpaint.cluster import describe_task, paint_on_cluster, plan_pictures
from splpaint.cpu import usable_cores
from splpaint.images import list_pictures, read_rgb
from splpaint.inference import MaskFile, Painter, PaintOptions, load_inpainter, plan_batch, run_batch
from splpaint.machine import describe
from splpaint.masks import irregular_mask

FEW = 4
PIXELS = 1_000_000
BLOCK = 64  # pictures that a large plan hands out at once
RECORDS = 17  # that each of 1600 workers tells at once
NO_WORK_BLOCKS = 1000
MILLION = 1_000_000
MACHINES = (1, 2, 5, 10, 20, 50, 100)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pictures", type=Path, help="folder or list file")
    parser.add_argument("--count", type=int, default=44)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--cores", type=int, default=16, help="of each machine in the table")
    options = parser.parse_args()

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    print(describe("ray", "openvino", "numpy", "pillow"))
    painter = load_inpainter(many_at_once=True).painter
    started_s = time.perf_counter()
    ray.init(
        address="local",
        num_cpus=usable_cores(),
        include_dashboard=False,
        log_to_driver=False,
        logging_level="CRITICAL",
        object_store_memory=200 << 20,
    )
    address = ray.get_runtime_context().gcs_address
    print(f"a cluster of {usable_cores()} cores: started in {time.perf_counter() - started_s:.1f} s")
    with tempfile.TemporaryDirectory() as name, Memory() as memory:
        place = Path(name)
        for folder, count in (("few", FEW), ("all", options.count)):
            prepare(options.pictures, place / folder, count)
        here, there = zip(
            *((timed_here(place, painter), timed_there(place, address)) for _ in range(options.repeats)),
            strict=True,
        )
        for file in (place / "all" / "there").glob("*.jpg"):
            assert file.read_bytes() == (place / "all" / "here" / file.name).read_bytes(), file
        sizes = [mean_bytes(place / "all" / folder) for folder in ("in", "masks", "there")]
    further = options.count - FEW
    each = {"batch": [(most - few) / further for few, most in here]}
    each["cluster"] = [(most - few) / further for few, most in there]
    medians = {way: statistics.median(values) for way, values in each.items()}
    for way, values in each.items():
        runs = ", ".join(f"{1 / value:.3f}" for value in values)
        print(f"{way}: {1 / medians[way]:.3f} pictures a second (runs: {runs})")
    start_s = statistics.median(few - FEW * medians["cluster"] for few, _ in there)
    print(
        f"overhead {medians['cluster'] / medians['batch'] - 1:+.1%}; the same bytes; {start_s:.1f} s to start workers"
    )
    print(f"a worker takes up to {memory.most_bytes / 1e6:.0f} MB")
    print("bytes: picture {:.0f}, mask {:.0f}, output {:.0f}".format(*sizes))
    rate = pictures_a_second(ray)
    print(f"the command hands out {rate:,.0f} pictures a second, and hears of {RECORDS} at once")
    table(medians["cluster"] * usable_cores(), sizes, options.cores)


def prepare(pictures: Path, place: Path, count: int) -> None:
    """Write the folders ``in`` and ``masks``."""
    for folder in ("in", "masks"):
        (place / folder).mkdir(parents=True)
    for number, path in enumerate(islice(cycle(list_pictures(pictures)), count)):
        picture = Image.fromarray(read_rgb(path))
        scale = (PIXELS / (picture.width * picture.height)) ** 0.5
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)))
        picture.save(place / "in" / f"{number:04}.jpg", quality=92)
        hole = irregular_mask(seed=1, index=number, height=picture.height, width=picture.width, bin=0)
        Image.fromarray(hole).save(place / "masks" / f"{number:04}.png")


class Seconds(NamedTuple):
    """What both folders took."""

    few: float
    most: float


def timed_here(place: Path, painter: Painter) -> Seconds:
    """Time ``run_batch``."""

    def paint(folder: Path) -> float:
        started_s = time.perf_counter()
        jobs = plan_batch(folder / "in", MaskFile(folder / "masks"), folder / "here")
        outcomes = list(run_batch(painter, jobs, PaintOptions(), overwrite=True))
        assert all(outcome.state == "painted" for outcome in outcomes), outcomes
        return time.perf_counter() - started_s

    return Seconds(paint(place / "few"), paint(place / "all"))


def timed_there(place: Path, address: str) -> Seconds:
    """Time the cluster."""

    def paint(folder: Path) -> float:
        started_s = time.perf_counter()
        plan = plan_pictures(str(folder / "in"), str(folder / "masks"), str(folder / "there"))
        task = describe_task(plan, PaintOptions(), overwrite=True)
        records = list(paint_on_cluster(plan, task, address=address))
        assert all(record.status == "painted" for record in records), records
        return time.perf_counter() - started_s

    return Seconds(paint(place / "few"), paint(place / "all"))


class Memory:
    """Watches how much memory workers take, each."""

    def __init__(self) -> None:
        self.most_bytes = 0
        self._ended = threading.Event()

    def __enter__(self) -> Memory:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(1):
            for process in psutil.Process().children(recursive=True):
                try:
                    if "ray::MapWorker" in " ".join(process.cmdline()):
                        self.most_bytes = max(self.most_bytes, process.memory_info().rss)
                except psutil.Error:  # it has ended
                    continue


class _NoWork:
    def __call__(self, block: pyarrow.Table) -> Iterator[pyarrow.Table]:
        rows = block.to_pylist()
        for start in range(0, len(rows), RECORDS):
            yield pyarrow.table({"records": [rows[start : start + RECORDS]]})


def pictures_a_second(ray: Any) -> float:
    """How many pictures a second go out, and their records come back, when there is nothing to do."""
    names = [f"s3://bucket/photos/{number:09}.jpg" for number in range(BLOCK)]
    blocks = [pyarrow.table({"photo": names, "mask": names}) for _ in range(NO_WORK_BLOCKS)]
    context = ray.data.DataContext.get_current()
    context.target_max_block_size, context._max_num_blocks_in_streaming_gen_buffer = 1, BLOCK
    pool = ray.data.ActorPoolStrategy(size=usable_cores())
    data = ray.data.from_arrow(blocks).map_batches(
        _NoWork, batch_size=None, batch_format="pyarrow", num_cpus=1, compute=pool
    )
    records = iter(data.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0))
    next(records)
    started_s = time.perf_counter()
    count = sum(len(rows) for block in records for rows in block["records"].to_pylist())
    return count / (time.perf_counter() - started_s)


def mean_bytes(folder: Path) -> float:
    """Of the pictures in a folder."""
    return float(np.mean([file.stat().st_size for file in folder.iterdir() if file.suffix != ".csv"]))


def table(core_s: float, sizes: list[float], cores: int) -> None:
    """Print what a million pictures cost."""
    picture, mask, output = sizes
    print(
        f"{core_s:.2f} core seconds a picture, {MILLION * core_s / 3600:.0f} core hours a million; "
        f"{MILLION * (picture + mask) / 1e9:.0f} GB read, {MILLION * output / 1e9:.0f} GB written"
    )
    print(f"| machines of {cores} cores | pictures/s | hours | machine hours | read, MB/s | written, MB/s |")
    print("|---:" * 6 + "|")
    for machines in MACHINES:
        rate = machines * cores / core_s
        hours = MILLION / rate / 3600
        print(
            f"| {machines} | {rate:,.0f} | {hours:.2f} | {machines * hours:.1f} | "
            f"{rate * (picture + mask) / 1e6:,.0f} | {rate * output / 1e6:,.0f} |"
        )


if __name__ == "__main__":
    main()

"""How fast training samples are loaded: our loader beside a plain PIL and torch DataLoader on the same files.

The plain loader does what a short training script does: ``Image.open``, a random square, area resize, flip, a
box for a hole, one tensor; no second picture for the pretext network, no brush strokes, nothing repeatable. It is
measured with scaled decoding of JPEGs (``Image.draft``), too, which splpaint uses where crops need less than half of
the pixels. Ours is measured with everything and, for the share of each, without. Last, what scaled decoding gains, and
how much it changes pixels.

    python benchmarks/loading.py data/photos/train --workers 2
"""

from __future__ import annotations

import argparse
import io
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, features
from torch.utils.data import DataLoader, Dataset

from splpaint.datasets import PictureSource, open_pictures, write_shards
from splpaint.images import list_pictures
from splpaint.machine import describe
from splpaint.masks import open_masks
from splpaint.training.data import InpaintingDataset, training_batches

SIZE_PX, SHORT_SIDE_PX, BATCH = 256, (256, 512), 8


class Plain(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Files => pictures and holes, as plainly as it can be done; with ``draft`` JPEGs are decoded smaller."""

    def __init__(self, files: list[Path], *, draft: bool = False) -> None:
        self.files = files
        self.draft = draft

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        random = np.random.default_rng(index)
        image = Image.open(self.files[index])
        share = SIZE_PX / random.uniform(*SHORT_SIDE_PX)
        if self.draft:
            needed = SIZE_PX / share / min(image.size)
            image.draft("RGB", (math.ceil(image.width * needed), math.ceil(image.height * needed)))
        image = image.convert("RGB")
        side = min(image.size) * share
        left, top = random.uniform(0, image.width - side), random.uniform(0, image.height - side)
        box = (left, top, left + side, top + side)
        pixels = np.asarray(image.resize((SIZE_PX, SIZE_PX), Image.Resampling.BOX, box=box))
        if random.random() < 0.5:
            pixels = pixels[:, ::-1]
        hole = torch.zeros(1, SIZE_PX, SIZE_PX)
        hole[:, 64:192, 64:192] = 1
        return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).float() / 255, hole


def plain(files: list[Path], count: int, workers: int, *, draft: bool = False) -> Iterable[object]:
    """Batches of the plain loader."""
    repeated = (files * (count // len(files) + 1))[:count]
    return DataLoader(Plain(repeated, draft=draft), BATCH, shuffle=True, num_workers=workers)


def ours(source: PictureSource, count: int, workers: int, *, masks: str, pretext: bool) -> Iterable[object]:
    """Batches of splpaint's loader."""
    dataset = InpaintingDataset(
        source,
        size_px=SIZE_PX,
        pretext_size_px=2 * SIZE_PX if pretext else SIZE_PX,
        view="crop",
        short_side_px=SHORT_SIDE_PX,
        masks=open_masks(masks),
        mask_sizes_px=(SIZE_PX,),
        seed=0,
        cache=False,
    )
    return training_batches(dataset, batch_size=BATCH, start=0, stop=count, workers=workers)


def measure(count: int, repeats: int, loaders: dict[str, Callable[[], Iterable[object]]]) -> dict[str, float]:
    """Median pictures per second; the loaders take turns, so that what else the machine does meets all."""
    rates: dict[str, list[float]] = {name: [] for name in loaders}
    for _ in range(repeats):
        for name, loader in loaders.items():
            begun = time.perf_counter()
            for _batch in loader():
                pass
            rates[name].append(count / (time.perf_counter() - begun))
    return {name: statistics.median(each) for name, each in rates.items()}


def draft_decoding(files: list[Path]) -> str:
    """What scaled decoding saves of decoding JPEGs to a shorter side of 512, and what it does to pixels."""
    seconds, differences = [0.0, 0.0], []
    for file in files:
        data = io.BytesIO(file.read_bytes())
        with Image.open(data) as head:
            if head.format != "JPEG" or min(head.size) < 2 * SHORT_SIDE_PX[1]:
                continue
            share = SHORT_SIDE_PX[1] / min(head.size)
            size = (round(head.width * share), round(head.height * share))
        results = []
        for number in (0, 1):
            begun = time.perf_counter()
            image = Image.open(data)
            if number:
                image.draft("RGB", size)
            results.append(image.convert("RGB").resize(size, Image.Resampling.BOX))
            seconds[number] += time.perf_counter() - begun
        one, other = (np.asarray(each, np.int16) for each in results)
        differences.append(float(np.abs(one - other).mean()))
    if not differences:
        return "scaled decoding: no JPEG here is twice as large as is needed"
    return (
        f"scaled decoding of the {len(differences)} JPEGs twice as large as needed or more: "
        f"{seconds[0] / seconds[1]:.2f} times as fast; pixels differ by {np.mean(differences):.2f} of 255 levels on "
        "average"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pictures", type=Path, help="folder or list of photographs")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--count", type=int, default=346, help="pictures per measurement")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    files, count, workers = list_pictures(options.pictures), options.count, options.workers
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        write_shards(options.pictures, Path(folder), shard_bytes=16_000_000)
        here = open_pictures(options.pictures)
        shards = open_pictures(folder)
        far = open_pictures(
            f"file://{folder}/{{{','.join(p.name for p in sorted(Path(folder).glob('*.tar')))}}}"
        )
        rates = measure(
            count,
            options.repeats,
            {
                "plain PIL + DataLoader": lambda: plain(files, count, workers),
                "plain, scaled decoding": lambda: plain(files, count, workers, draft=True),
                "ours, same work": lambda: ours(here, count, workers, masks="centre", pretext=False),
                "ours, + irregular masks": lambda: ours(
                    here, count, workers, masks="irregular", pretext=False
                ),
                "ours, + pretext picture": lambda: ours(
                    here, count, workers, masks="irregular", pretext=True
                ),
                "the same from shards": lambda: ours(shards, count, workers, masks="irregular", pretext=True),
                "the same, streamed": lambda: ours(far, count, workers, masks="irregular", pretext=True),
            },
        )
    turbo = "with" if features.check_feature("libjpeg_turbo") else "without"
    print(f"{describe('torch', 'pillow', 'numpy')}, Pillow {turbo} libjpeg-turbo")
    print(
        f"{len(files)} photographs, {count} samples of {SIZE_PX} px, {workers} workers, median of {options.repeats}"
    )
    for name, rate in rates.items():
        print(f"{name:<24} {rate:7.1f} pictures/s  {rate / rates['plain PIL + DataLoader']:5.2f} x")
    print(draft_decoding(files))


if __name__ == "__main__":
    main()

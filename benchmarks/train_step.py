"""How many pictures a second a training run sees, with its samples from loading processes or made on the device.

Each variant is a run of its own, with networks, optimiser and samples, as ``splpaint train`` has them; they take turns,
so that what else the machine does meets all. A turn begins with untimed steps, until what was loaded during the other
turns is used up, and ends when the device has done the last step. Decoding and drawing what is kept comes before all
turns and is told by itself. On a CPU every variant has two threads and one loading process.

    python benchmarks/train_step.py data/photos/train
    python benchmarks/train_step.py data/photos/train --device cuda run.batch_size=64 data.workers=16
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from splpaint.machine import describe
from splpaint.training.batches import open_batches
from splpaint.training.data.dataset import Sample
from splpaint.training.data.unreadable import UnreadableLog
from splpaint.training.recipes.recipe import load_recipe
from splpaint.training.start import open_dataset, open_stepper, start_training

VARIANTS = {
    "worker processes": ("data.resident=false", "data.cache=false"),
    "worker processes, cached": ("data.resident=false", "data.cache=true"),
    "resident": ("data.resident=true",),
}
"""Name -> what it has otherwise than the recipe."""

_ENDLESS = 10**9  # samples


class Variant:
    """A run that continues step by step.

    Args:
        recipe: Name of a recipe.
        overrides: What differs from it.
        folder: For its files.
    """

    def __init__(self, recipe: str, overrides: list[str], folder: Path) -> None:
        begun = time.perf_counter()
        config = load_recipe(recipe, [*overrides, f"run.out={folder}"])
        dataset = open_dataset(config)
        unreadable = UnreadableLog(folder, len(dataset.pictures), resume=False)
        batches = open_batches(config, dataset, total_images=_ENDLESS, unreadable=unreadable, say=print)
        state = start_training(config, batches, resume=False, say=print)
        self.stepper = open_stepper(
            config, state, total_images=_ENDLESS, images_per_epoch=len(dataset.pictures), say=print
        )
        self.prefetched = 1 + 4 * config.data.workers
        self.batch_size = config.run.batch_size
        samples = batches(start=0, stop=_ENDLESS, workers=config.data.workers)
        self.samples: Iterator[Sample] = samples
        self.steps(2)  # compiled by now
        if config.data.resident:  # as later in a run: all masks have been drawn
            for _ in range(-(-config.data.resident_masks // config.run.batch_size)):
                next(self.samples)
        elif config.data.cache:  # and all photographs have been seen
            for _ in range(-(-len(dataset.pictures) * config.data.workers // config.run.batch_size)):
                next(self.samples)
        self.start_s = time.perf_counter() - begun

    def steps(self, count: int) -> float:
        """Do so many steps; returns the seconds that they took."""
        begun = time.perf_counter()
        for _ in range(count):
            self.stepper(next(self.samples))
        self.stepper.require_finite()  # waits for a GPU
        return time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pictures", type=Path, help="folder or list of photographs")
    parser.add_argument("overrides", nargs="*", help="section.key=value, for all variants")
    parser.add_argument("--recipe", default="compact")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=8, help="timed steps in a turn")
    parser.add_argument("--turns", type=int, default=5, help="of each variant")
    options = parser.parse_args()
    if options.device == "cpu":
        torch.set_num_threads(2)
    common = [f"data.images={options.pictures}", f"run.device={options.device}", f"run.images={_ENDLESS}"]
    common += ["data.resident_masks=512", *options.overrides]
    rates: dict[str, list[float]] = {name: [] for name in VARIANTS}
    with tempfile.TemporaryDirectory() as folder:
        variants = {}
        for name, differences in VARIANTS.items():
            place = Path(folder) / name
            place.mkdir()
            variants[name] = Variant(options.recipe, [*common, *differences], place)
        for _ in range(options.turns):
            for name, variant in variants.items():
                variant.steps(variant.prefetched)
                seconds = variant.steps(options.steps)
                rates[name].append(options.steps * variant.batch_size / seconds)
    _print(rates, {name: variant.start_s for name, variant in variants.items()}, options)


def _print(rates: dict[str, list[float]], start_s: dict[str, float], options: argparse.Namespace) -> None:
    gpu = f", {torch.cuda.get_device_name()}" if options.device.startswith("cuda") else ""
    print(f"{describe('torch', 'timm', 'pillow', 'numpy')}{gpu}")
    print(
        f"{options.recipe} {' '.join(options.overrides)}: median of {options.turns} turns of {options.steps} steps"
    )
    first = next(iter(rates.values()))
    for name, each in rates.items():
        against = statistics.median(one / other for one, other in zip(each, first, strict=True))
        print(
            f"{name:<26} {statistics.median(each):8.2f} images/s  {against:5.2f} x  "
            f"({min(each):.2f} to {max(each):.2f}; {start_s[name]:.0f} s to start)"
        )


if __name__ == "__main__":
    main()

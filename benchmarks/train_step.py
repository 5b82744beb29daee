"""How many crops a second a training run sees, and in how much memory: the plain step beside ours, by every loader.

Each variant is a run of its own in a process of its own, with networks, optimiser and samples as ``splpaint train`` has
them; they take turns, so that what else the machine does meets all. ``plain`` is float32, not compiled, from loading
processes, and for ``spl`` as literal as the network's description (``reference_spl.py``). The others compute as the
recipe says. A turn begins with untimed steps, until what was loaded during the other turns is used up, and ends when
the device has done the last step. Decoding and drawing what is kept comes before all turns.

Beside the crops a second stands what the loader alone delivers, and the share of the device's peak that the step makes
use of: the multiplications and additions of a step, counted by torch, over what a product of large matrices reaches, in
the same precision on the same device.

    python benchmarks/train_step.py data/photos/train
    python benchmarks/train_step.py data/photos/train --recipe paris --steps 1 run.batch_size=4
    python benchmarks/train_step.py data/photos/train --device cuda run.batch_size=64 data.workers=16

Without ``pretext.weights`` the paper's pretext network has random ones: they cost as much. ``--losses 20`` measures no
time, but how far the losses of ``plain`` and of the recipe's arithmetic are apart after 20 steps on the same samples.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, Self

import timm
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from splpaint.machine import describe
from splpaint.networks import (
    PatchDiscriminator,
    PretextNetwork,
    SPLConfig,
    SPLOutput,
    build_generator,
    generator_table,
)
from splpaint.training.batches import open_batches
from splpaint.training.data.dataset import Sample
from splpaint.training.data.unreadable import UnreadableLog
from splpaint.training.objective import discriminator_objective, generator_objective
from splpaint.training.processes import Processes
from splpaint.training.recipes.recipe import load_recipe
from splpaint.training.start import open_dataset, open_stepper, start_training

PLAIN = "plain"
VARIANTS = {
    PLAIN: ("data.resident=false", "run.precision=fp32", "run.compile=false"),
    "worker processes": ("data.resident=false", "data.cache=false"),
    "worker processes, cached": ("data.resident=false", "data.cache=true"),
    "resident": ("data.resident=true",),
}
"""Name -> what it has otherwise than the recipe."""

_ENDLESS = 10**9  # samples


class Setting(NamedTuple):
    """A variant to be opened."""

    recipe: str
    overrides: list[str]
    literal: bool
    threads: int


class Training:
    """A run that continues step by step.

    Args:
        setting: Of the run.
        folder: For its files.
    """

    def __init__(self, setting: Setting, folder: Path) -> None:
        torch.set_num_threads(setting.threads)
        config = load_recipe(setting.recipe, [*setting.overrides, f"run.out={folder}"])
        dataset, processes = open_dataset(config), Processes(config.run.device)
        unreadable = UnreadableLog(folder, len(dataset.pictures), resume=False)
        batches = open_batches(
            config, dataset, processes, total_images=_ENDLESS, unreadable=unreadable, say=print
        )
        state = start_training(config, batches, processes, resume=False, say=print)
        self.stepper = open_stepper(
            config, state, processes, total_images=_ENDLESS, images_per_epoch=len(dataset.pictures), say=print
        )
        if setting.literal and isinstance(config.generator, SPLConfig):
            self.stepper.generate = literal_network(state.generator)
        self.prefetched = 1 + 4 * config.data.workers
        self.batch_size = config.run.batch_size
        samples = batches(
            batch_size=config.run.batch_size, start=0, stop=_ENDLESS, workers=config.data.workers
        )
        self.samples: Iterator[Sample] = samples
        self._before_timing = 0
        if config.data.resident:  # as later in a run: all masks have been drawn
            self._before_timing = config.data.resident_masks
        elif config.data.cache:  # and all photographs have been seen
            self._before_timing = len(dataset.pictures) * config.data.workers

    def steps(self, count: int) -> float:
        """Do so many steps; returns the seconds that they took."""
        begun = time.perf_counter()
        for _ in range(count):
            self.stepper(next(self.samples))
        self.stepper.require_finite()  # waits for a GPU
        return time.perf_counter() - begun

    def warm(self) -> float:
        """Go where a run is after a while."""
        seconds = self.steps(2)  # compiled by now
        for _ in range(-(-self._before_timing // self.batch_size)):
            next(self.samples)
        return seconds

    def turn(self, count: int) -> float:
        """Images a second over so many steps."""
        self.steps(self.prefetched)
        return count * self.batch_size / self.steps(count)

    def loaded(self, count: int) -> float:
        """Images a second that the loader delivers to the device, while nothing is learnt."""
        for _ in range(self.prefetched):
            next(self.samples)
        begun = time.perf_counter()
        for _ in range(count):
            last = next(self.samples).image.to(self.stepper.device)
        last.sum().item()  # waits for a GPU
        return count * self.batch_size / (time.perf_counter() - begun)

    def peak_flops(self) -> float:
        """Multiplications and additions a second in a product of large matrices, in the step's precision."""
        device, precision = self.stepper.device, self.stepper.precision
        side = 8192 if device.type == "cuda" else 2048
        dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
        matrix = torch.randn(side, side, device=device).to(dtype)
        seconds = []
        for _ in range(5):
            begun = time.perf_counter()
            (matrix @ matrix)[0, 0].item()
            seconds.append(time.perf_counter() - begun)
        return float(2 * side**3 / min(seconds))

    def losses(self, count: int) -> dict[str, float]:
        """Do so many steps; returns the losses of the last."""
        for _ in range(count):
            losses = self.stepper(next(self.samples))
        return self.stepper.read(losses)

    def peak_bytes(self) -> int:
        """The most memory that the process had, or the GPU."""
        if self.stepper.device.type == "cuda":
            return int(torch.cuda.max_memory_allocated())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak


def literal_network(generator: nn.Module) -> Callable[[Tensor, Tensor], SPLOutput]:
    """``spl`` as ``reference_spl.py`` computes it, from the generator's own weights."""
    from reference_spl import paint

    table = generator_table()
    for parameter in generator.parameters():
        parameter.data = parameter.data.contiguous()

    def generate(image: Tensor, hole: Tensor) -> SPLOutput:
        weights: dict[str, Tensor] = {}
        for name, parameter in generator.named_parameters():
            names = table[name]
            weights.update(zip(names, parameter.chunk(len(names)), strict=True))
        painted, prior = paint(weights, image.contiguous(), hole.contiguous())
        return SPLOutput(painted, painted.new_empty(0), prior)  # no loss asks for the layout

    return generate


class Variant:
    """A ``Training`` in a process of its own, to be used in a ``with``."""

    def __init__(self, setting: Setting) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(setting, theirs))

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.send(None)
        self._process.join()

    def ask(self, method: str, *arguments: object) -> Any:
        """What a method of ``Training`` returns there."""
        self._ours.send((method, arguments))
        return self._ours.recv()


def _serve(setting: Setting, theirs: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder:
        training = Training(setting, Path(folder))
        while (asked := theirs.recv()) is not None:
            name, arguments = asked
            theirs.send(getattr(training, name)(*arguments))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pictures", type=Path, help="folder or list of photographs")
    parser.add_argument("overrides", nargs="*", help="section.key=value, for all variants")
    parser.add_argument("--recipe", default="compact")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2, help="of every variant, on a CPU")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--steps", type=int, default=8, help="timed steps in a turn")
    parser.add_argument("--turns", type=int, default=5, help="of each variant")
    parser.add_argument(
        "--losses", type=int, metavar="STEPS", help="compare losses after so many steps instead"
    )
    options = parser.parse_intermixed_args()
    print(_machine(options))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        common = _common(options, Path(folder))
        variants = {}
        for name in [PLAIN, "worker processes"] if options.losses else options.variants:
            overrides = [*common, *VARIANTS[name]]
            setting = Setting(options.recipe, overrides, name == PLAIN, options.threads)
            variants[name] = running.enter_context(Variant(setting))
        if options.losses:
            _compare_losses(variants, options.losses)
        else:
            _compare_times(variants, options)


def _common(options: argparse.Namespace, folder: Path) -> list[str]:
    common = [f"data.images={options.pictures}", f"run.device={options.device}", "data.resident_masks=512"]
    common += options.overrides
    config = load_recipe(options.recipe, [*common, "run.out=unused"])
    ends = "epochs" if config.run.epochs else "images"
    common.append(f"run.{ends}={_ENDLESS}")
    if config.pretext.weights is None:
        weights = folder / "pretext.pt"
        torch.save(timm.create_model(config.pretext.model).state_dict(), weights)
        common.append(f"pretext.weights={weights}")
    return common


def flops_per_image(options: argparse.Namespace) -> float:
    """Multiplications and additions of a step for each image, told by shapes alone: nothing is computed."""
    config = load_recipe(
        options.recipe, [*options.overrides, f"data.images={options.pictures}", "run.out=unused"]
    )
    loss, side = config.loss, config.data.size_px
    generator = build_generator(config.generator)
    judge = PatchDiscriminator(config.discriminator.channels) if loss.adversarial else None
    pretext = PretextNetwork(timm.create_model(config.pretext.model), config.pretext)
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    with fake, FlopCounterMode(display=False) as counter:
        image = torch.rand(1, 3, side, side)
        output = generator(image, image[:, :1])
        if judge is not None:
            theirs = discriminator_objective(judge, image, output.painted)
            torch.autograd.grad(theirs, list(judge.parameters()))
        feature = None
        if loss.distillation:
            with torch.no_grad():
                feature = pretext(torch.rand(1, 3, *2 * [round(side * config.pretext.scale)]))
        ours = generator_objective(
            output, image, image[:, :1], loss, feature=feature, judge=judge, perceive=pretext.stages
        )
        torch.autograd.grad(ours.total, list(generator.parameters()), allow_unused=True)
    return float(counter.get_total_flops())


def _compare_losses(variants: dict[str, Variant], steps: int) -> None:
    (_, plain), (_, ours) = [(name, variant.ask("losses", steps)) for name, variant in variants.items()]
    for name, value in plain.items():
        print(
            f"{name:<16} {value:10.5f} {ours[name]:10.5f}  relative difference {abs(ours[name] / value - 1):.1e}"
        )


def _compare_times(variants: dict[str, Variant], options: argparse.Namespace) -> None:
    starts = {name: variant.ask("warm") for name, variant in variants.items()}
    rates: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(options.turns):
        for name, variant in variants.items():
            rates[name].append(variant.ask("turn", options.steps))
    print(f"median of {options.turns} turns of {options.steps} steps, each beside that of the first variant")
    first = next(iter(rates.values()))
    for name, each in rates.items():
        against = statistics.median(one / other for one, other in zip(each, first, strict=True))
        print(
            f"{name:<26} {statistics.median(each):8.2f} crops/s  {against:5.2f} x  "
            f"({min(each):.2f} to {max(each):.2f}; {starts[name]:.0f} s for the first two steps; "
            f"{variants[name].ask('peak_bytes') / 1e9:.1f} GB at most)"
        )
    flops = flops_per_image(options)
    print(f"{flops / 1e9:.1f} GFLOP for each crop; loaders alone, and the share of the peak:")
    for name, each in rates.items():
        peak, loaded = variants[name].ask("peak_flops"), variants[name].ask("loaded", 4 * options.steps)
        print(
            f"{name:<26} {loaded:8.2f} crops/s loaded, {statistics.median(each) * flops / peak:6.1%} of "
            f"{peak / 1e12:.2f} TFLOP/s"
        )


def _machine(options: argparse.Namespace) -> str:
    gpu = f", {torch.cuda.get_device_name()}" if options.device.startswith("cuda") else ""
    return (
        f"{describe('torch', 'timm', 'pillow', 'numpy')}{gpu}\n{options.recipe} {' '.join(options.overrides)}"
    )


if __name__ == "__main__":
    main()

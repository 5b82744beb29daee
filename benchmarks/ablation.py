"""What one part of a training is worth: variants of a recipe, some seeds each, measured on the same validation pairs.

``--study prior`` asks the paper's question, whether the learnt semantic prior helps: ``compact`` with distillation,
without it, and without the layout (its blocks see zeros in place of it). ``--study precision`` compares bf16 with
float32, ``--study colour`` strengths of random colour changes, ``--study beyond`` a teacher and progressive
resolution, ``--study psnr`` PSNR as the loss in place of L1. Every run sees as many crops, unless its variant says
otherwise.

    python benchmarks/ablation.py data/photos/train data/photos/val -o ablation
    python benchmarks/ablation.py data/photos/train data/photos/val -o ablation-bf16 --study precision

Stopped at any time, the same command goes on: finished runs are kept, the one that was going on continues from its
last checkpoint. ``ablation.json`` holds every value, ``table.md`` and ``ablation.png`` what they say. Values are those
of the averaged weights at the end of a run. Intervals are 95 %, by bootstrap over photographs, those of all seeds
together; how far seeds differ stands beside them.
"""

from __future__ import annotations

import argparse
import json
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from splpaint.atomic_files import atomic_path, write_atomic
from splpaint.evaluation.statistics import Estimate, estimate_means
from splpaint.locks import only_writer
from splpaint.machine import describe
from splpaint.training.checkpoint import CHECKPOINT_FILE
from splpaint.training.config import TrainingConfig
from splpaint.training.display import Display
from splpaint.training.loop import learn
from splpaint.training.processes import Processes
from splpaint.training.recipes import load_recipe
from splpaint.training.report import BEST_BY
from splpaint.training.start import Run, open_run
from splpaint.training.validation import BINS, validate

WITHOUT_LAYOUT = "without the layout"
STUDIES: dict[str, dict[str, tuple[str, ...]]] = {
    "prior": {
        "with distillation": (),
        "without distillation": ("loss.distillation=0",),
        WITHOUT_LAYOUT: ("loss.distillation=0",),
    },
    "precision": {"float32": ("run.precision=fp32",), "bf16": ("run.precision=bf16",)},
    "colour": {"0": (), "0.5": ("data.colour=0.5",), "1": ("data.colour=1",)},
    "beyond": {
        "compact": (),
        "teacher": ("loss.teacher=compact", "loss.imitation=6"),
        # As many pixels as 8,000 crops of 128 x 128 have.
        "progressive": ("data.progressive=[[64,8000]]", "run.images=14000"),
    },
    "psnr": {"compact": (), "psnr": ("loss.psnr=0.05", "loss.hole=0")},
}
"""Study => variant => what it has otherwise than the recipe."""

Values = dict[str, list[list[dict[str, float]]]]
"""Variant => seed => photograph => values by name."""


def main() -> None:
    """Train what is left to train, then measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", help="photographs to train on")
    parser.add_argument("val", help="photographs to measure on")
    parser.add_argument("overrides", nargs="*", help="section.key=value, for all runs")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the study")
    parser.add_argument("--study", choices=STUDIES, default="prior")
    parser.add_argument("--recipe", default="compact")
    parser.add_argument("--images", type=int, default=32_000, help="crops that each run sees")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_intermixed_args()
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.append(number))
    values: Values = {}
    for seed in range(options.seeds):  # seed by seed: after the first, there is something to see
        for variant, differences in STUDIES[options.study].items():
            config = _configured(options, variant, seed, differences)
            scores = config.run.out / "scores.json"
            if not scores.is_file() and not _train(config, variant, asked):
                raise SystemExit("stopped; the same command goes on")
            values.setdefault(variant, []).append(json.loads(scores.read_text("utf-8")))
    _write(values, options)


def _configured(
    options: argparse.Namespace, variant: str, seed: int, differences: Sequence[str]
) -> TrainingConfig:
    out = options.output / f"{variant.replace(' ', '-')}-{seed}"
    own = (
        f"run.out={out}",
        f"run.seed={seed}",
        f"run.images={options.images}",
        f"data.images={options.train}",
        f"data.val={options.val}",
    )
    return load_recipe(options.recipe, [*own, *options.overrides, *differences])


def _train(config: TrainingConfig, variant: str, asked: list[int]) -> bool:
    """Train a run to its end and measure it; false if it was stopped before."""
    out = config.run.out
    with only_writer(out, doing="training"):
        run = open_run(
            config, Processes(config.run.device), resume=(out / CHECKPOINT_FILE).is_file(), say=print
        )
        state = run.stepper.state
        if variant == WITHOUT_LAYOUT:
            for generator in (state.generator, state.ema.network):
                _hide_layout(generator)
        print(f"{out}: from {state.images_seen} of {run.total_images} images")
        with Display(run.total_images, state.images_seen, run.start_s) as display:
            learn(run, display, stop=lambda: bool(asked))
        if state.images_seen < run.total_images:
            return False
        write_atomic(out / "scores.json", json.dumps(list(_scores(run))).encode())
    return True


def _hide_layout(generator: torch.nn.Module) -> None:
    def hide(_: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        filled, hole, layout = given
        return filled, hole, torch.zeros_like(layout)

    painter = generator.get_submodule("image_generator")
    painter.register_forward_pre_hook(hide)


def _scores(run: Run) -> Iterator[dict[str, float]]:
    """The values of each validation photograph, over its holes."""
    for first in range(0, len(run.pairs), len(BINS)):
        yield validate(run.stepper.state.ema.network, run.pairs[first : first + len(BINS)]).values


def _write(values: Values, options: argparse.Namespace) -> None:
    machine = describe("torch", "timm")
    encoded = json.dumps(
        {"machine": machine, "arguments": vars(options), "values": values}, default=str, indent=1
    )
    write_atomic(options.output / "ablation.json", encoded.encode())
    lines = [*_table(values), "", f"{options.images} crops a run, {options.seeds} seeds, {machine}"]
    write_atomic(options.output / "table.md", ("\n".join(lines) + "\n").encode())
    print("\n".join(lines))
    with atomic_path(options.output / "ablation.png") as part:
        _draw(values).savefig(part, format="png", dpi=120)


def _table(values: Values) -> Iterator[str]:
    first = next(iter(values))
    names = [name for name in _measures(values) if " " not in name or name.startswith(BEST_BY)]
    yield f"| variant | {' | '.join(names)} | {BEST_BY} of each seed | beside {first} |"
    yield f"|---{'|---' * (len(names) + 2)}|"
    for variant, seeds in values.items():
        means = [_text(_estimate(values, variant, name)) for name in names]
        apart = ", ".join(f"{np.mean([each[BEST_BY] for each in seed]):.2f}" for seed in seeds)
        beside = "" if variant == first else _text(_estimate(values, variant, BEST_BY, minus=first), sign="+")
        yield f"| {variant} | {' | '.join(means)} | {apart} | {beside} |"


def _draw(values: Values) -> Figure:
    """PSNR by the hole's share, and its difference from the first variant's."""
    first = next(iter(values))
    bins = [name for name in _measures(values) if name.startswith(f"{BEST_BY} ")]
    figure = Figure(figsize=(11, 4), layout="constrained")
    for axes, minus in zip(figure.subplots(1, 2), (None, first), strict=True):
        for place, variant in enumerate(values):
            estimates = [_estimate(values, variant, name, minus=minus) for name in bins]
            means = [each.mean for each in estimates]
            ends = [
                [each.mean - each.low for each in estimates],
                [each.high - each.mean for each in estimates],
            ]
            axes.errorbar(
                np.arange(len(bins)) + 0.06 * place, means, yerr=ends, marker="o", capsize=3, label=variant
            )
        axes.set_xticks(range(len(bins)), [name.partition(" ")[2] for name in bins])
        axes.set_xlabel("hole's share of the picture")
        axes.set_ylabel("PSNR in the hole, dB" + (f", beside {minus}" if minus else ""))
        axes.grid(alpha=0.3)
    figure.axes[0].legend()
    return figure


def _measures(values: Values) -> list[str]:
    return list(next(iter(values.values()))[0][0])


def _estimate(values: Values, variant: str, name: str, *, minus: str | None = None) -> Estimate:
    """The mean over seeds and photographs of a value, or of how much more it is than another variant's."""
    seeds = np.array([[photograph[name] for photograph in seed] for seed in values[variant]])
    if minus is not None:
        seeds = seeds - [[photograph[name] for photograph in seed] for seed in values[minus]]
    photographs = np.tile(np.arange(seeds.shape[1]), len(seeds))
    (estimate,) = estimate_means(seeds.reshape(-1, 1), photographs)
    return estimate


def _text(estimate: Estimate, *, sign: str = "") -> str:
    return f"{estimate.mean:{sign}.2f} [{estimate.low:{sign}.2f}, {estimate.high:{sign}.2f}]"


if __name__ == "__main__":
    main()

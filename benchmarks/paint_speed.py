"""How much faster ``spl`` and ``compact`` paint than the published network done literally: in turns, in one process.

    python benchmarks/paint_speed.py [--models spl compact] [--sides 256 512] [--batches 1] [--runs 9]
        [--precisions fp32 bf16] [--no-reference] [--apart]

The reference is ``reference_spl.py`` in torch's float32, on as many threads. ``spl`` has random weights, since
published ones are downloaded by hand; weights do not change the time. Each model runs as ``splpaint export`` writes it,
in OpenVINO. ``--apart`` adds each rewrite of networks/rewrites by itself, and none at all. Times are medians; the error
is that of the painted image against the plain network in torch's float64, in levels of 255.

As a processor with AVX2 alone: ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 python benchmarks/paint_speed.py
"""

from __future__ import annotations

import argparse
import copy
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import onnx
import torch
from reference_spl import Weights, paint
from torch import Tensor, nn
from torch.export import Dim

from splpaint.cpu import usable_cores
from splpaint.errors import InputError
from splpaint.inference.engines import OpenVINOEngine
from splpaint.inference.models import find_model
from splpaint.machine import describe
from splpaint.networks import SPLConfig, build_generator, generator_table, load_model
from splpaint.networks.export import network_to_export, painting_network, to_onnx
from splpaint.networks.rewrites import rewriting
from splpaint.precision import PrecisionChoice


class Variant(NamedTuple):
    """A network, one way of running it, and its error, if that is known."""

    name: str
    run: Callable[[Tensor, Tensor], object]


def main() -> None:
    """Print medians, ratios and errors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["spl", "compact"], help="spl, or names or folders")
    parser.add_argument("--sides", nargs="+", type=int, default=[256, 512])
    parser.add_argument("--batches", nargs="+", type=int, default=[1], help="pictures that are run together")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--precisions", nargs="+", default=["fp32", "bf16"])
    parser.add_argument("--no-reference", action="store_true")
    parser.add_argument("--apart", action="store_true", help="each rewrite by itself, and none")
    options = parser.parse_args()
    torch.set_num_threads(usable_cores())

    print(describe("openvino", "torch", "numpy"), flush=True)
    torch.manual_seed(0)
    literal = build_generator(SPLConfig()).eval()
    variants = [] if options.no_reference else [Variant("reference", _literal(literal))]
    generators = {name: literal if name == "spl" else _bundled(name) for name in options.models}
    with tempfile.TemporaryDirectory() as folder:
        for model, generator in generators.items():
            for way, network in _ways(generator, apart=options.apart).items():
                onnx.save(_exported(network), path := Path(folder) / f"{model}-{way}.onnx")
                for precision in options.precisions:
                    try:
                        engine = OpenVINOEngine(path, precision=cast("PrecisionChoice", precision))
                    except InputError as error:
                        print(f"{precision}: {error}")
                        continue
                    variants.append(Variant(f"{model} {precision} {way}".rstrip(), _by(engine)))
        for side_px in options.sides:
            for batch in options.batches:
                _compare(variants, generators, side_px, batch, options.runs)


def _compare(
    variants: list[Variant], generators: dict[str, nn.Module], side_px: int, batch: int, runs: int
) -> None:
    image = torch.rand(batch, 3, side_px, side_px, generator=torch.Generator().manual_seed(0))
    hole = torch.zeros(batch, 1, side_px, side_px)
    hole[..., side_px // 4 : side_px // 2, side_px // 4 : side_px // 2] = 1
    taken: dict[str, list[float]] = {variant.name: [] for variant in variants}
    painted: dict[str, object] = {}
    for run in range(runs + 1):
        for variant in variants:
            started_s = time.perf_counter()
            painted[variant.name] = variant.run(image, hole)
            if run:
                taken[variant.name].append((time.perf_counter() - started_s) / batch)
    truths = {name: _exact(generator, image, hole) for name, generator in generators.items()}
    first = statistics.median(taken[variants[0].name])
    print(f"{side_px} x {side_px}, batch {batch}; medians of {runs}, ratios to {variants[0].name}:")
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        error = ""
        if (truth := truths.get(name.split()[0])) is not None:
            off = 255 * np.abs(np.asarray(painted[name]) - truth)
            error = f"; off by {off.mean():.2g} levels, at most {off.max():.2g}"
        print(f"  {name:<32}{1000 * median:8.1f} ms{first / median:8.2f} x{error}", flush=True)


def _literal(generator: nn.Module) -> Callable[[Tensor, Tensor], object]:
    weights: Weights = {}
    for name, keys in generator_table().items():
        weights.update(zip(keys, generator.state_dict()[name].chunk(len(keys)), strict=True))
    return torch.inference_mode()(lambda image, hole: paint(weights, image, hole))


def _by(engine: OpenVINOEngine) -> Callable[[Tensor, Tensor], object]:
    return lambda image, hole: engine(image.numpy(), hole.numpy())


def _bundled(name: str) -> nn.Module:
    generator, _ = load_model(find_model(name).folder)
    return generator


def _ways(generator: nn.Module, *, apart: bool) -> dict[str, nn.Module]:
    ways = {"": network_to_export(generator)}
    if apart:
        ways["plain"] = painting_network(generator)
        every = dict(rewriting.REWRITES)
        for kind, rewrite in every.items():
            rewriting.REWRITES.clear()
            rewriting.REWRITES[kind] = rewrite
            ways[f"{rewrite.__name__} alone"] = network_to_export(generator)
        rewriting.REWRITES.clear()
        rewriting.REWRITES.update(every)
    return ways


def _exported(network: nn.Module) -> onnx.ModelProto:
    example = torch.rand(2, 3, 128, 128), torch.zeros(2, 1, 128, 128)
    free = {0: Dim("batch"), 2: 64 * Dim("rows"), 3: 64 * Dim("columns")}
    return to_onnx(network, example, {"image": free, "hole": free}, half=False)


@torch.inference_mode()
def _exact(generator: nn.Module, image: Tensor, hole: Tensor) -> np.ndarray:
    return painting_network(copy.deepcopy(generator).double())(image.double(), hole.double()).numpy()


if __name__ == "__main__":
    main()

"""Time of one 256 x 256 picture through OpenVINO in each precision and in batches of several sizes, in turns, warm.

python benchmarks/latency.py [--model compact] [--side 256] [--runs 30] [--batch 1]
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import get_args

import numpy as np

from splpaint.errors import InputError
from splpaint.inference.engines import Engine, OpenVINOEngine
from splpaint.inference.models import find_model
from splpaint.machine import describe
from splpaint.precision import Precision


def main() -> None:
    """Print medians and quartiles in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="compact", help="name or folder")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--batch", type=int, nargs="+", default=[1], help="pictures that are run together")
    options = parser.parse_args()

    files = find_model(options.model)
    engines: dict[str, Engine] = {}
    for precision in get_args(Precision):
        try:
            engines[precision] = OpenVINOEngine(files.onnx, files.contract, precision=precision)
        except InputError as error:
            print(f"{precision}: {error}")
    automatic = OpenVINOEngine(files.onnx, files.contract).precision
    print(describe("openvino"))
    print(f"{files.name}, {options.side} x {options.side}; auto means {automatic} here")
    for (precision, batch), values in measure(engines, options.batch, options.side, options.runs).items():
        low, middle, high = statistics.quantiles(values, n=4)
        print(f"{precision}, batch {batch}: {middle:.1f} ms a picture (quartiles {low:.1f} and {high:.1f})")


def measure(
    engines: dict[str, Engine], batches: list[int], side_px: int, runs: int
) -> dict[tuple[str, int], list[float]]:
    """Milliseconds a picture of every run after three warming ones."""
    rng = np.random.default_rng(0)
    image = rng.random((max(batches), 3, side_px, side_px), dtype=np.float32)
    hole = np.zeros((max(batches), 1, side_px, side_px), np.float32)
    hole[..., side_px // 4 : side_px // 2, side_px // 4 : side_px // 2] = 1
    taken: dict[tuple[str, int], list[float]] = {(name, batch): [] for name in engines for batch in batches}
    for run in range(runs + 3):
        for (name, batch), values in taken.items():
            started = time.perf_counter()
            engines[name](image[:batch], hole[:batch])
            if run >= 3:
                values.append(1000 * (time.perf_counter() - started) / batch)
    return taken


if __name__ == "__main__":
    main()

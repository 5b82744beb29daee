"""Time of one 256 x 256 picture, batch 1, through OpenVINO in each precision, in turns, warm.

python benchmarks/latency.py [--model compact] [--side 256] [--runs 30]
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
    print(f"{files.name}, {options.side} x {options.side}, batch 1; auto means {automatic} here")
    for precision, values in measure(engines, options.side, options.runs).items():
        low, middle, high = statistics.quantiles(values, n=4)
        print(f"{precision}: {middle:.1f} ms (quartiles {low:.1f} and {high:.1f})")


def measure(engines: dict[str, Engine], side_px: int, runs: int) -> dict[str, list[float]]:
    """Milliseconds of every run after three warming ones."""
    rng = np.random.default_rng(0)
    image = rng.random((1, 3, side_px, side_px), dtype=np.float32)
    hole = np.zeros((1, 1, side_px, side_px), np.float32)
    hole[..., side_px // 4 : side_px // 2, side_px // 4 : side_px // 2] = 1
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for run in range(runs + 3):
        for name, engine in engines.items():
            started = time.perf_counter()
            engine(image, hole)
            if run >= 3:
                taken[name].append(1000 * (time.perf_counter() - started))
    return taken


if __name__ == "__main__":
    main()

"""Where the time of ``splpaint paint`` goes for one large photograph, from the start of the process to its end.

    python benchmarks/photo_cost.py [--side 4000] [--hole 300] [--format jpg] [--model compact] [--repeats 9]

Paints a photograph of SIDE x 3/4 SIDE pixels (coarse noise made smooth, with grain) with a square hole of HOLE pixels
by the command, each time in a new process, and prints the median of every step. ``network`` is the network's own time.
Python's compiled files are kept from process to process, as where splpaint is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from verification import photograph

from splpaint.machine import describe

MEASURED = """
import sys, time
begun_s, import_s = float(sys.argv.pop(1)), time.time()
taken = {"start of Python": import_s - begun_s}

def timed(step, function):
    def call(*arguments, **options):
        inner, started_s = sum(taken.values()), time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            spent_s = time.perf_counter() - started_s
            taken[step] = taken.get(step, 0.0) + spent_s - (sum(taken.values()) - inner)
    return call

def run():
    from splpaint.cli.app import main
    main()

def prepare():
    import splpaint.cli.app, splpaint.inference
    from splpaint.images import output
    from splpaint.inference import inpainter, paint_photo, painter
    from splpaint.inference.engines import OpenVINOEngine
    import splpaint.inference.fillings

timed("imports", prepare)()
from splpaint.images import output
from splpaint.inference import any_size, inpainter, paint_photo, painter
from splpaint.inference.engines import OpenVINOEngine
paint_photo.read_photo = timed("read and decode", paint_photo.read_photo)
paint_photo.find_hole = timed("mask", paint_photo.find_hole)
inpainter.open_engine = timed("load the network", inpainter.open_engine)
OpenVINOEngine.__call__ = timed("network", OpenVINOEngine.__call__)
any_size.fill = timed("fill from the rest", any_size.fill)
painter.paint_any_size = timed("crop and paste", painter.paint_any_size)
paint_photo.encode_painted = timed("encode", paint_photo.encode_painted)
output.require_faithful = timed("decode again and compare", output.require_faithful)
try:
    timed("the rest", run)()
finally:
    import json
    print(json.dumps(taken), file=sys.stderr)
"""


def main() -> None:
    """Print milliseconds of every step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=4000, help="longer side in pixels")
    parser.add_argument("--hole", type=int, default=300, help="side of the hole in pixels")
    parser.add_argument("--format", default="jpg", help="suffix of the photograph")
    parser.add_argument("--model", default="compact", help="name or folder")
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()

    print(describe("openvino", "pillow", "numpy"))
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / f"photo.{options.format}"
        Image.fromarray(photograph(options.side * 3 // 4, options.side)).save(photo, quality=90)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "compiled")
        runs = [measure(photo, options.hole, options.model) for _ in range(options.repeats + 1)][1:]
    print(
        f"{options.model}, {options.side}x{options.side * 3 // 4} {options.format}, hole of {options.hole} px"
    )
    for step in runs[0]:
        print(f"{step:<26}{1000 * statistics.median(run.get(step, 0.0) for run in runs):7.0f} ms")


def measure(photo: Path, hole_px: int, model: str) -> dict[str, float]:
    """Seconds of every step of one run, and of the whole."""
    box = f"{2 * hole_px},{hole_px},{hole_px},{hole_px}"
    arguments = ["paint", str(photo), "--box", box, "--model", model, "--overwrite"]
    started_s = time.time()
    command = [sys.executable, "-c", MEASURED, str(started_s), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ))
    whole_s = time.time() - started_s
    taken: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
    return taken | {"end of Python": whole_s - sum(taken.values()), "all": whole_s}


if __name__ == "__main__":
    main()

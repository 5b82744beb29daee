"""What it costs that every painted picture is decoded again and compared before it gets its name.

    python benchmarks/verification.py [--side 4000] [--repeats 3] [--formats jpg png tif bmp webp] [--large]

Paints a photograph of SIDE x 3/4 SIDE pixels (coarse noise made smooth, with grain) with a hole of 400 x 300 in each
format by the command, and prints how much of its processor time the comparison takes: the least of the repeats of each,
which other work on the machine disturbs little. Elapsed times are the least, too. --large measures the memory that 100
megapixels take, with 8 and with 16 bits per channel (needs OpenCV).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.images import suffix_for
from splpaint.machine import describe

COMMAND = "from splpaint.cli.app import main; main()"
MEASURED = """
import sys, time
from splpaint.images import output
compare, times = output.require_faithful, []

def timed(*arguments):
    cpu_s, elapsed_s = time.process_time(), time.perf_counter()
    compare(*arguments)
    times.extend([time.process_time() - cpu_s, time.perf_counter() - elapsed_s])

output.require_faithful = timed
from splpaint.cli.app import main
try:
    main()
finally:
    print(*times, time.process_time(), file=sys.stderr)
"""
PEAK = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
LOSSLESS = {"jxl": {"lossless": True}, "tif": {"compression": "tiff_lzw"}}


def main() -> None:
    """Print seconds with and without, or megabytes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=4000, help="longer side in pixels")
    parser.add_argument("--repeats", type=int, default=3, help="how often each way")
    parser.add_argument("--formats", nargs="+", default=["jpg", "png", "tif", "bmp", "webp"])
    parser.add_argument("--large", action="store_true", help="measure the memory of 100 megapixels")
    options = parser.parse_args()

    print(describe("openvino", "numpy", "pillow"))
    with tempfile.TemporaryDirectory() as place:
        if options.large:
            large(Path(place))
            return
        for format in options.formats:
            compare(Path(place), format, options.side, options.repeats)


class Seconds(NamedTuple):
    """Of one run of the command, or the least of several."""

    compared_cpu: float
    compared: float
    whole_cpu: float
    whole: float


def compare(place: Path, format: str, side_px: int, repeats: int) -> None:
    """Paint in one format; the first time, which sets the network up, does not count."""
    photo = place / f"a{suffix_for(format)}"
    Image.fromarray(photograph(side_px * 3 // 4, side_px)).save(
        photo, **LOSSLESS.get(format, {"quality": 90})
    )
    runs = [paint(photo) for _ in range(repeats + 1)][1:]
    least = Seconds(*map(min, zip(*runs, strict=True)))
    longer = least.compared_cpu / (least.whole_cpu - least.compared_cpu)
    print(
        f"{format}: comparing takes {least.compared_cpu:.2f} s of {least.whole_cpu:.2f} s of processor time: "
        f"{longer:+.1%}; {least.compared:.2f} s of {least.whole:.2f} s elapsed (least of {repeats})"
    )


def photograph(height: int, width: int) -> NDArray[np.uint8]:
    """(H,W,3) uint8."""
    random = np.random.default_rng(0)
    coarse = Image.fromarray(random.integers(0, 256, (height // 50, width // 50, 3), np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
    grain = random.integers(-6, 7, (height, width, 1), np.int8)
    return (smooth + grain).clip(0, 255).astype(np.uint8)


def paint(photo: Path) -> Seconds:
    """What the whole command takes."""
    started_s = time.perf_counter()
    command = [sys.executable, "-c", MEASURED, *arguments(photo)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    whole_s = time.perf_counter() - started_s
    compared_cpu_s, compared_s, cpu_s = map(float, done.stderr.splitlines()[-1].split())
    return Seconds(compared_cpu_s, compared_s, cpu_s, whole_s)


def arguments(photo: Path) -> list[str]:
    """Of the command."""
    output = photo.with_name(f"painted{photo.suffix}")
    return ["paint", str(photo), "--box", "1000,1000,400,300", "-o", str(output), "--overwrite"]


def large(place: Path) -> None:
    """Print the peak memory of a JPEG of 8 bits, and of a PNG and a TIFF of 16."""
    import cv2

    tile = photograph(1000, 1000)
    Image.fromarray(np.tile(tile, (10, 10, 1))).save(place / "a.jpg", quality=90)
    deep = np.tile(tile.astype(np.uint16) * 257, (10, 10, 1))
    for name in ("a.png", "a.tif"):
        cv2.imwrite(str(place / name), deep)
    for name in ("a.jpg", "a.png", "a.tif"):
        command = [sys.executable, "-c", PEAK, sys.executable, "-c", COMMAND, *arguments(place / name)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"{name} of 100 megapixels: {int(done.stdout) / 1e6:.2f} GB")


if __name__ == "__main__":
    main()

"""How the cost of listing pictures and of pairing them with masks grows with their number.

    python benchmarks/listing_and_pairs.py [--large]

Makes 2,000 and 20,000 (with --large also 200,000) hard links of one small picture in a temporary folder, lists
them, writes and reads the list, pairs them with 600 mask files and with drawn masks, and reads the manifest back.
Every size runs in a process of its own; its memory is the largest that the process held, beyond what it held
after importing. The last line compares hashes for look-alikes, as `splpaint data prepare` does.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from splpaint.datasets import near_duplicates
from splpaint.images import list_pictures, write_list
from splpaint.machine import describe
from splpaint.masks import MaskFiles, irregular_mask, open_masks
from splpaint.pairs import iterate_manifest, make_pairs, write_manifest

Result = TypeVar("Result")
MASKS = 600
PER_FOLDER = 1000  # file systems limit the hard links of a file


def main() -> None:
    """Print a line for each number of pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="200,000 pictures, too")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(options.one)
        return
    print(describe("numpy", "pillow"))
    steps = ("list", "write list", "read list", f"{MASKS} files", "box masks", "read pairs", "look-alikes")
    print(f"{'pictures':>9}" + "".join(f"{step:>12}" for step in steps) + f"{'memory':>12}")
    for number in (2_000, 20_000, 200_000)[: 3 if options.large else 2]:
        subprocess.run([sys.executable, __file__, "--one", str(number)], check=True)


def measure(number: int) -> None:
    """Print seconds for each step and the memory used."""
    start_mb = _peak_mb()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        link_pictures(folder / "pictures", number)
        source = draw_masks(folder / "masks")
        pictures, listing_s = timed(lambda: list_pictures(folder / "pictures"))
        seconds = [listing_s]
        seconds.append(timed(lambda: write_list(pictures, folder / "all.flist"))[1])
        seconds.append(timed(lambda: len(list_pictures(folder / "all.flist")))[1])
        for masks, manifest in ((source, folder / "files.csv"), (open_masks("box"), folder / "box.csv")):
            pairs = make_pairs(pictures, masks=masks, seed=1)
            seconds.append(timed(lambda pairs=pairs, manifest=manifest: write_manifest(pairs, manifest))[1])
        seconds.append(timed(lambda: sum(1 for _ in iterate_manifest(folder / "box.csv")))[1])
        hashes = np.random.default_rng(0).integers(0, 2**64, number, dtype=np.uint64)
        seconds.append(timed(lambda: near_duplicates(hashes))[1])
    print(
        f"{number:>9}" + "".join(f"{each:>10.2f} s" for each in seconds) + f"{_peak_mb() - start_mb:>9.0f} MB"
    )


def link_pictures(folder: Path, number: int) -> None:
    """Hard links in folders of a thousand."""
    photo = Image.open(Path(__file__).parent.parent / "examples" / "photographs" / "cat.webp").resize(
        (256, 256)
    )
    for start in range(0, number, PER_FOLDER):
        shelf = folder / f"{start // PER_FOLDER:03}"
        shelf.mkdir(parents=True)
        photo.save(shelf / "00000.jpg")
        for place in range(1, min(PER_FOLDER, number - start)):
            os.link(shelf / "00000.jpg", shelf / f"{place:05}.jpg")


def draw_masks(folder: Path) -> MaskFiles:
    """Mask files as the collections have them, 512 x 512."""
    folder.mkdir()
    for index in range(MASKS):
        hole = irregular_mask(seed=0, index=index, height=128, width=128).repeat(4, axis=0).repeat(4, axis=1)
        Image.fromarray(hole).save(folder / f"{index:05}.png")
    return MaskFiles(list_pictures(folder))


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What a function returns and the seconds it took."""
    started_s = time.perf_counter()
    return work(), time.perf_counter() - started_s


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

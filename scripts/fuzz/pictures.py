"""Paint mutated pictures of every format by the command, and count what must never happen.

    python scripts/fuzz/pictures.py [--count 2000] [--seed 0] [--whole-every 500] [--keep FOLDER]

Each input is a small picture whose bytes were changed, cut, repeated or moved, or whose chunks, segments, boxes or tags
were, with lengths and checksums that are right. `splpaint paint` paints a box in it in this process, with noise in
place of a network; every third time it accepts damaged pictures, and now and then the whole command runs by itself.
Allowed are a painted picture, whose pixels outside the box are those of the input, and a refusal (exit code 2). Counted
are other exceptions, changed pixels, half-written and needless files, lines on stderr that are not ours, more than
300 MB over what a good picture of the claimed size takes, and more than 20 seconds. --keep keeps such inputs. Linux
only, since it measures memory there.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mutations import damage_bytes, damage_pieces
from numpy.typing import NDArray
from PIL import Image, ImageOps
from samples import pictures_of_all_formats
from verdicts import machine, run_command, stderr_caught, tell_counts, watched

from splpaint.cli.terminal import ModelChoice

BOX = (4, 4, 20, 16)
WHOLE_COMMAND = [sys.executable, "-m", "splpaint"]
ROUNDING = {"JPEG", "WEBP", "AVIF", "HEIF", "JPEG2000", "JXL"}
LOSSY_LEVELS = 16.0
"""How far pixels may be from the input's, in the mean, in formats that round: noise at quality 75 comes to 9."""


def main() -> None:
    """Print what went wrong, and how often what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations")
    parser.add_argument(
        "--whole-every", type=int, default=500, help="run the command by itself every so often"
    )
    parser.add_argument("--keep", type=Path, help="folder for the inputs that went wrong")
    options = parser.parse_args()

    print(machine(options.seed))
    setattr(ModelChoice, "load", lambda *_, **__: Noise())  # noqa: B010
    chosen, pictures, counts = random.Random(options.seed), dict(pictures_of_all_formats()), Counter[str]()
    for number in range(options.count):
        name = chosen.choice(sorted(pictures))
        original, sealed = pictures[name], chosen.random() < 0.4
        other = pictures[chosen.choice(sorted(pictures))]
        data = damage_pieces(original, other, chosen) if sealed else damage_bytes(original, chosen)
        with tempfile.TemporaryDirectory() as place:
            verdict, faults = judged(
                Path(place) / f"a{Path(name).suffix}",
                data,
                original if name.endswith(".png") and not sealed else data,
                accept_damaged=number % 3 == 0,
                whole=number % options.whole_every == 0,
            )
        counts[verdict] += 1
        for fault in faults:
            counts[fault.partition(":")[0]] += 1
            print(f"{number} {name}: {fault}", flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{options.seed}-{number}-{name}").write_bytes(data)
    tell_counts(counts)


class Noise:
    """Paints it."""

    model, engine, precision = "noise", "NumPy", "fp32"

    def __call__(self, pixels: NDArray[Any], hole: NDArray[np.bool_], **_: Any) -> NDArray[Any]:
        """Into the hole."""
        painted, most = pixels.copy(), np.iinfo(pixels.dtype).max
        painted[hole] = np.random.default_rng(0).integers(0, most, painted[hole].shape, endpoint=True)
        return painted


def judged(
    file: Path, data: bytes, truth: bytes, *, accept_damaged: bool, whole: bool
) -> tuple[str, list[str]]:
    """Say what happened to one input, and what must not.

    Args:
        file: Where it is put; its folder is empty.
        data: The input.
        truth: Of which the pixels must be: the input itself, or what it was before, where checksums guard that.
        accept_damaged: Whether the command accepts damaged pictures.
        whole: Run the command by itself, with its network.
    """
    file.write_bytes(data)
    (file.parent / "out").mkdir()
    arguments = ["paint", file, "--box", ",".join(map(str, BOX)), "-o", file.parent / "out"]
    arguments += ["--accept-damaged"] * accept_damaged
    act = run_whole if whole else run_command
    refused, faults = watched(lambda: act(*arguments), pixels=claimed_pixels(data), spoken=True)
    written = list((file.parent / "out").iterdir())
    if len(written) != (not refused) and not faults:
        faults.append(f"files: {[each.name for each in written]}")
    if written and not accept_damaged and (reason := difference(written[0].read_bytes(), truth)):
        faults.append(reason)
    if {each.name for each in file.parent.iterdir()} != {file.name, "out"}:
        faults.append("files: beside the input")
    return "refused" if refused else "done", faults


def run_whole(*arguments: object) -> None:
    """Run the command by itself; its lines go on to our stderr."""
    command = [*WHOLE_COMMAND, *map(str, arguments)]
    if code := subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
        sys.exit(code)


def difference(written: bytes, truth: bytes) -> str:
    """How known pixels differ from those of the input; empty: not at all, or as far as the format rounds."""
    with stderr_caught():  # of the readers that check
        got, was = seen(written), seen(truth)
        rounds = Image.open(io.BytesIO(written)).format in ROUNDING
    if got is None or was is None:
        return "unread: " + (
            "the output" if got is None else "the input, by Pillow alone, yet it was painted"
        )
    turned = [was, *(np.rot90(was, turns) for turns in (1, 2, 3))]  # a damaged orientation is left out
    known = np.ones(got.shape[:2], bool)
    known[BOX[1] : BOX[1] + BOX[3], BOX[0] : BOX[0] + BOX[2]] = False
    apart = [np.abs(got - one)[known].mean() for one in turned if one.shape == got.shape]
    least = min(apart, default=255.0)
    return f"changed pixels: by {least:.1f} levels" if least > (LOSSY_LEVELS if rounds else 0) else ""


def seen(data: bytes) -> NDArray[np.int32] | None:
    """(H,W,4) or (H,W), upright, by Pillow alone; or as stored, by OpenCV, where that refuses long texts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                return levels(upright(image))
    except Exception:
        bgra = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if bgra is None or bgra.dtype != np.uint8:
            return None
        return levels(Image.fromarray(bgra if bgra.ndim == 2 else bgra[..., [2, 1, 0, 3][: bgra.shape[2]]]))


def upright(image: Image.Image) -> Image.Image:
    """As its EXIF data say, if they are not damaged."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def levels(image: Image.Image) -> NDArray[np.int32]:
    """Grey of 16 bits as it is, all else as RGBA."""
    if image.mode in {"La", "RGBa"}:
        image = image.convert(image.mode.upper())
    return np.asarray(image if image.mode.startswith("I;16") else image.convert("RGBA"), np.int32)


def claimed_pixels(data: bytes) -> int:
    """Width times height by the header; 0 where Pillow finds none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                return image.width * image.height
    except Exception:
        return 0


if __name__ == "__main__":
    main()

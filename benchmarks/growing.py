"""How far a mask should grow so that no edge and no shadow of a thing remains: what `--dilate auto` does.

    python scripts/photo_corpus.py data/cut-outs --list scripts/cut_outs.csv
    python benchmarks/growing.py data/cut-outs/test data/photos/val [--photographs N] [--sheet OUT.png]

Every cut-out is laid on a photograph, its longer side an eighth to a third of the photograph's shorter one, with what
photographs of things have around them: an outline softened by 0.5 to 2 pixels, half of them a soft shadow. The mask is
the cut-out itself, as a careful user marks it. It grows by so many pixels, by so many hundredths of the square root of
its area, or by `auto`; what it covers is painted. The photograph without the thing is the truth: PSNR is that of
everything at most 64 pixels from the thing, remains included; the last column says how much of what the thing changed
there is left, its mean over that before.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter
from rich.progress import track

from splpaint import load_inpainter
from splpaint.images import Growth, Hole, Pixels, dilate, growth_px, list_pictures, read_rgb
from splpaint.machine import describe
from splpaint.metrics import psnr_in_hole
from splpaint.random_streams import random_stream

PIXELS = (0, 2, 4, 6, 8, 12, 16, 24)
SHARES = (0.02, 0.04, 0.06, 0.08, 0.12)
AUTO: Growth = "auto"
AROUND_PX = 64
SHADOW = 0.4
PANEL_PX = 320


class Scene(NamedTuple):
    """A thing on a photograph.

    Attributes:
        truth: uint8 (H,W,3), the photograph without it.
        image: The same with it.
        mask: bool (H,W), the thing.
    """

    truth: Pixels
    image: Pixels
    mask: Hole


def main() -> None:
    """Print a table: a row per growth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cut_outs", type=Path, help="folder of pictures with transparency")
    parser.add_argument("photos", type=Path, help="folder of photographs")
    parser.add_argument("--photographs", type=int, default=24, help="take so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sheet", type=Path, help="write a picture of some growths, a row per scene")
    options = parser.parse_args()
    print(describe("openvino", "numpy", "pillow", "PyPatchMatch"))

    paint = load_inpainter()
    things, photographs = list_pictures(options.cut_outs), list_pictures(options.photos)
    photographs = photographs[:: max(1, len(photographs) // options.photographs)][: options.photographs]
    figures: dict[str, list[tuple[float, float]]] = {}
    rows = []
    for number in track(range(len(photographs)), "painting"):
        scene = compose(things[number % len(things)], photographs[number], options.seed, number)
        painted = {}
        for name, by_px in growths(scene.mask).items():
            result = paint(scene.image, dilate(scene.mask, by_px))
            figures.setdefault(name, []).append(measure(scene, result))
            painted[name] = result
        rows.append(panels(scene, painted))
    print(f"{len(photographs)} scenes from {options.photos} and {options.cut_outs}, seed {options.seed}\n")
    print("| growth | PSNR, dB | remains |\n|---|---|---|")
    for name, values in figures.items():
        psnr, remains = np.mean(values, axis=0)
        print(f"| {name} | {psnr:.2f} | {remains:.3f} |")
    if options.sheet:
        Image.fromarray(np.concatenate(rows)).save(options.sheet)


def growths(mask: Hole) -> dict[str, int]:
    """Pixels by the names of the rows."""
    side = float(mask.sum()) ** 0.5
    shares = {f"{share:.0%} of the side": round(share * side) for share in SHARES}
    return {f"{pixels} px": pixels for pixels in PIXELS} | shares | {AUTO: growth_px(mask, AUTO)}


def compose(thing: Path, photograph: Path, seed: int, number: int) -> Scene:
    """Lay a cut-out on a photograph."""
    random = random_stream(seed, number)
    truth = read_rgb(photograph)
    height, width = truth.shape[:2]
    cut_out = Image.open(thing).convert("RGBA")
    longest = round(min(height, width) * (1 / 8 + random.random_sample() * (1 / 3 - 1 / 8)))
    shrink = longest / max(cut_out.size)
    size = max(1, round(cut_out.width * shrink)), max(1, round(cut_out.height * shrink))
    cut_out = cut_out.resize(size, Image.Resampling.LANCZOS)
    left, top = (
        int(random.random_sample() * (room - side)) for room, side in zip((width, height), size, strict=True)
    )
    layer = Image.new("RGBA", (width, height))
    layer.paste(cut_out, (left, top))
    alpha = layer.getchannel("A")
    mask = np.asarray(alpha) > 127
    image = Image.fromarray(truth)
    if random.random_sample() < 0.5:
        shift, softness = max(2, longest // 30), max(1.5, longest / 60)
        shadow = ImageChops.offset(alpha, shift, shift).filter(ImageFilter.GaussianBlur(softness))
        image.paste((0, 0, 0), mask=shadow.point(lambda level: round(SHADOW * level)))
    soft = alpha.filter(ImageFilter.GaussianBlur(0.5 + 1.5 * random.random_sample()))
    image.paste(layer.convert("RGB"), mask=soft)
    return Scene(truth, np.asarray(image), mask)


def measure(scene: Scene, painted: Pixels) -> tuple[float, float]:
    """PSNR around and in the thing in dB, and the share of its traces outside itself that is left."""
    around = dilate(scene.mask, AROUND_PX)
    traces = around & ~scene.mask & (difference(scene.image, scene.truth) > 2)
    before, after = (float(difference(each, scene.truth)[traces].mean()) for each in (scene.image, painted))
    return psnr_in_hole(painted, scene.truth, around), after / before


def difference(first: Pixels, second: Pixels) -> NDArray[np.int16]:
    """Largest difference of a pixel's channels."""
    apart: NDArray[np.int16] = np.abs(np.subtract(first, second, dtype=np.int16)).max(axis=2)
    return apart


def panels(scene: Scene, painted: dict[str, Pixels]) -> Pixels:
    """The thing, some growths, and the truth, side by side."""
    rows, columns = np.nonzero(scene.mask)
    reach = max(rows.max() - rows.min(), columns.max() - columns.min()) // 2 + AROUND_PX
    middle = (rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2
    box = tuple(max(0, place - reach) for place in middle[::-1]) + tuple(
        place + reach for place in middle[::-1]
    )
    views = scene.image, painted["0 px"], painted["4 px"], painted["16 px"], painted[AUTO], scene.truth
    return np.concatenate(
        [np.asarray(Image.fromarray(view).crop(box).resize((PANEL_PX, PANEL_PX))) for view in views], axis=1
    )


if __name__ == "__main__":
    main()

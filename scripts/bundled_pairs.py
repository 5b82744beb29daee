"""Make benchmarks/bundled: the photographs, silhouettes and pairs that the repository carries.

    python scripts/photo_corpus.py data/photos --split test --tier free
    python scripts/photo_corpus.py data/cut-outs --list scripts/cut_outs.csv
    python scripts/bundled_pairs.py data/photos/test data/cut-outs/test

bundled_pairs.csv beside this script names each file, its original and its author. A photograph becomes its central
square, reduced by area to 512 x 512 (256 x 256 where it has fewer than 512 pixels), in lossless WebP; a cut-out becomes
its silhouette, white on black. Files whose pixels are right already stay, since another version of the encoder writes
other bytes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image

from splpaint.atomic_files import open_atomic, write_atomic
from splpaint.images import centre_square, read_rgb, resize_box
from splpaint.pairs import PairRecord, list_pair_pictures, make_pairs, make_pairs_per_bin, write_manifest
from splpaint.tables import write_table

SCRIPTS = Path(__file__).parent
BUNDLED = SCRIPTS.parent / "benchmarks" / "bundled"
SIDES_PX = (512, 256)
SILHOUETTE_PX = 384  # the longest side that an object mask of 512 x 512 can have
SEED = 2021
SOURCES = (
    *("file", "sha256", "width", "height", "title", "author", "page", "licence", "tier"),
    *("package", "version", "path_in_package", "original_sha256"),
)

Row = dict[str, str]


def main() -> None:
    """Write the folder again from folders of originals."""
    parser = argparse.ArgumentParser(description="Make benchmarks/bundled.")
    parser.add_argument("photographs", type=Path, help="folder of the test photographs")
    parser.add_argument("cut_outs", type=Path, help="folder of the cut-outs")
    options = parser.parse_args()
    originals = {row["file"]: row for row in chain(_rows("photo_corpus.csv"), _rows("cut_outs.csv"))}
    sources = []
    for entry in _rows("bundled_pairs.csv"):
        original = originals[entry["original"]]
        silhouette = entry["file"].startswith("silhouettes/")
        path = (options.cut_outs if silhouette else options.photographs) / entry["original"]
        if not path.is_file() or _sha256(path) != original["sha256"]:
            sys.exit(f"{path} is missing or another file; fetch it with scripts/photo_corpus.py")
        _put(BUNDLED / entry["file"], _silhouette(path) if silhouette else _square(path))
        sources.append(_source(entry, original))
    with open_atomic(BUNDLED / "SOURCES.csv", overwrite=True) as file:
        write_table(file, SOURCES, sources)
    for side_px in SIDES_PX:
        write_manifest(_pairs(side_px), BUNDLED / f"pairs-{side_px}.csv", overwrite=True)


def _rows(name: str) -> list[Row]:
    with (SCRIPTS / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _square(path: Path) -> Image.Image:
    pixels = read_rgb(path)
    height, width = pixels.shape[:2]
    side_px = next(side_px for side_px in SIDES_PX if side_px <= min(height, width))
    return Image.fromarray(resize_box(pixels, centre_square(width, height), side_px))


def _silhouette(path: Path) -> Image.Image:
    alpha = Image.open(path).convert("RGBA").getchannel("A")
    thing = alpha.crop(alpha.point(lambda level: 255 * (level > 127)).getbbox())
    thing.thumbnail((SILHOUETTE_PX, SILHOUETTE_PX), Image.Resampling.BOX)
    return thing.point(lambda level: 255 * (level > 127)).convert("1")


def _put(path: Path, image: Image.Image) -> None:
    if path.exists() and _same(Image.open(path), image):
        return
    encoded = io.BytesIO()
    if path.suffix == ".webp":
        image.save(encoded, "WEBP", lossless=True, quality=100, method=6)
    else:
        image.save(encoded, "PNG", optimize=True)
    if not _same(Image.open(encoded), image):
        sys.exit(f"{path} would not be lossless; use another version of Pillow")
    write_atomic(path, encoded.getvalue())


def _same(written: Image.Image, image: Image.Image) -> bool:
    return written.mode == image.mode and np.array_equal(np.asarray(written), np.asarray(image))


def _source(entry: Row, original: Row) -> list[object]:
    path = BUNDLED / entry["file"]
    return [
        *(entry["file"], _sha256(path), *Image.open(path).size),
        *(entry["title"], entry["author"], entry["page"], original["license"], original["tier"]),
        *(original[column] for column in ("package", "version", "path_in_package", "sha256")),
    ]


def _pairs(side_px: int) -> Iterator[PairRecord]:
    """Each photograph of that size once with an irregular mask of each ratio bin, and once with each other kind."""
    paths = list_pair_pictures(str(BUNDLED / "photographs"))
    pictures = [path for path in paths if Image.open(path).width >= side_px]
    yield from make_pairs_per_bin(pictures, seed=SEED, side_px=side_px, per_bin=len(pictures))
    for kind in ("thin", "medium", "thick", f"object:{BUNDLED / 'silhouettes'}"):
        yield from make_pairs(pictures, masks=kind, seed=SEED, side_px=side_px)


if __name__ == "__main__":
    main()

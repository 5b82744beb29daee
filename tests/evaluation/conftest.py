"""What the tests of evaluations share: pairs of small pictures, and methods that paint by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.evaluation import CallableMethod
from splpaint.images import Hole, Pixels
from splpaint.pairs import list_pair_pictures, make_pairs, write_manifest


def scene(seed: int, side_px: int = 64) -> Pixels:
    """Smooth random colours, uint8 (side_px,side_px,3)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((side_px, side_px), Image.Resampling.BICUBIC))


def mean_colour(image: Pixels, hole: Hole) -> Pixels:
    return np.where(hole[..., None], image[~hole].mean(axis=0).astype(np.uint8), image)


def grey(image: Pixels, hole: Hole) -> Pixels:
    return np.where(hole[..., None], np.uint8(128), image)


MEAN, GREY = CallableMethod("mean colour", mean_colour), CallableMethod("grey", grey)


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of five photographs with three irregular masks each; not to be changed."""
    root = tmp_path_factory.mktemp("pairs")
    (root / "photos").mkdir()
    for seed, name in enumerate(("arch", "bay", "cat", "dune", "elm")):
        Image.fromarray(scene(seed)).save(root / "photos" / f"{name}.png")
    pictures = list_pair_pictures(str(root / "photos"))
    write_manifest(make_pairs(pictures, seed=7, side_px=64, masks_per_image=3), root / "pairs.csv")
    return root / "pairs.csv"

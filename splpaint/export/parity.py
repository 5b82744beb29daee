"""How far an exported network is from torch, on random and real pictures of several sizes, alone and in batches."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from splpaint.export.formats import Run
from splpaint.images import Hole, Pixels, composite, read_rgb, to_pixels, to_planes

__all__ = ["Difference", "Parity", "Sample", "measure", "samples"]

_TOLERANCE = 1e-4
_ROUNDINGS = 10  # or this many times what rounding to float32 does to the network itself, if that is more
_PHOTOGRAPH = Path(__file__).parents[1] / "serving" / "page" / "example.webp"


class Sample(NamedTuple):
    """A batch to paint.

    Attributes:
        name: What it shows.
        images: uint8 (B,H,W,3).
        holes: bool (B,H,W).
    """

    name: str
    images: Pixels
    holes: Hole


class Difference(NamedTuple):
    """How far the exported network is from torch for one batch; in [0,1], or in levels of 8 bits.

    Attributes:
        sample: What was painted.
        largest: Over all values.
        mean: Over all values.
        allowed: The largest may be no more.
        known_kept: Known pixels have come back as they were, where they should.
    """

    sample: str
    largest: float
    mean: float
    allowed: float
    known_kept: bool = True


class Parity(NamedTuple):
    """What was compared."""

    differences: tuple[Difference, ...]

    @property
    def worst(self) -> Difference:
        """The difference that comes nearest to what is allowed, or is farthest beyond."""
        return max(
            self.differences,
            key=lambda each: (not each.known_kept, np.isnan(each.largest), each.largest / each.allowed),
        )

    @property
    def holds(self) -> bool:
        """Whether every difference is within what is allowed."""
        return all(each.known_kept and each.largest <= each.allowed for each in self.differences)


def samples(side_multiple: int, working_size_px: int, *, any_size: bool) -> list[Sample]:
    """Random and real pictures with holes, alone and in batches; sides are multiples, or, of any size, none."""
    short = side_multiple * max(2, -(-32 // side_multiple))
    sizes = [(1, short, short), (3, short, short + side_multiple)]
    real = [(1, working_size_px, working_size_px), (2, working_size_px, working_size_px - side_multiple)]
    less = (5, 11) if any_size else (0, 0)
    rng, photograph = np.random.default_rng(0), Image.fromarray(read_rgb(_PHOTOGRAPH))
    made = []
    for batch, height, width in ((batch, h - less[0], w - less[1]) for batch, h, w in sizes):
        noise = rng.integers(0, 256, (batch, height, width, 3), np.uint8)
        made.append(Sample("random", noise, rng.random((batch, height, width)) < 0.3))
    for batch, height, width in ((batch, h - less[0], w - less[1]) for batch, h, w in real):
        shown = np.asarray(photograph.resize((width, height), Image.Resampling.BOX))
        holes = np.zeros((batch, height, width), np.bool_)
        holes[:, height // 3 : height // 2, width // 4 : width // 2] = True
        holes[-1, :, width // 2 : width // 2 + 8] = True
        made.append(Sample("photograph", np.stack([shown] * batch), holes))
    return made


def measure(
    run: Run,
    network: nn.Module,
    samples: list[Sample],
    *,
    multiple: int | None = None,
) -> Parity:
    """Compare an exported network with torch.

    Args:
        run: Runs the exported network.
        network: In torch; takes and gives float32 planes.
        samples: What both paint.
        multiple: Of a network with preprocessing: what sides are extended to multiples of. It is compared in levels.
    """
    exact = copy.deepcopy(network).double()
    return Parity(tuple(_differences(run, network, exact, samples, multiple)))


def _differences(
    run: Run, network: nn.Module, exact: nn.Module, samples: list[Sample], multiple: int | None
) -> Iterator[Difference]:
    for sample in samples:
        # uint8 (B,H,W,3), bool (B,H,W) => float32 (B,3,H',W'), (B,1,H',W')
        planes = np.stack([_extended(to_planes(image), multiple) for image in sample.images])
        holes = np.stack([_extended(hole[None].astype(np.float32), multiple) for hole in sample.holes])
        wanted = _paint(network, planes, holes)
        rounding = float(np.abs(wanted - _paint(exact, planes, holes)).max())
        allowed = max(_TOLERANCE, _ROUNDINGS * rounding)
        batch, height, width = sample.holes.shape
        name = f"{sample.name}, {batch} of {width}x{height}"
        if multiple is None:
            off = np.abs(run({"image": planes, "hole": holes}) - wanted)
            yield Difference(name, float(off.max()), float(off.mean()), allowed)
            continue
        pixels = np.stack(
            [
                composite(to_pixels(painted[:, :height, :width]), image, hole)
                for painted, image, hole in zip(wanted, sample.images, sample.holes, strict=True)
            ]
        )
        got = run({"image": sample.images, "mask": sample.holes[..., None] * np.uint8(255)})
        levels = np.abs(got.astype(np.int16) - pixels)
        kept = np.array_equal(got[~sample.holes], sample.images[~sample.holes])
        yield Difference(name, float(levels.max()), float(levels.mean()), max(1.0, 255 * allowed), kept)


def _extended(planes: NDArray[np.float32], multiple: int | None) -> NDArray[np.float32]:
    height, width = planes.shape[1:]
    return np.pad(planes, ((0, 0), (0, -height % (multiple or 1)), (0, -width % (multiple or 1))), "reflect")


def _paint(
    network: nn.Module, planes: NDArray[np.float32], holes: NDArray[np.float32]
) -> NDArray[np.float32]:
    dtype = next(network.parameters()).dtype
    with torch.inference_mode():
        painted = network(torch.from_numpy(planes).to(dtype), torch.from_numpy(holes).to(dtype))
    return np.asarray(painted.numpy())

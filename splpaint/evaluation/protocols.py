"""Protocols: what is measured and how, under a name that every figure carries.

The manifest prepares photographs, a protocol measures what was painted; one that was published with another preparation
demands it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import InputError, did_you_mean
from splpaint.evaluation.deep_measures import DEEP_NAMES, PairMeasure, SetMeasure, find_deep, is_deep
from splpaint.evaluation.measures import (
    BORDER_STEP,
    GRAIN,
    GREY_L1,
    L1,
    MAE,
    MAE_HOLE,
    PSNR,
    PSNR_HOLE,
    RING_LEVEL,
    SHARPNESS,
    SSIM,
    SSIM_PADDED,
    SSIM_UNIFORM,
    Measure,
    Sample,
)
from splpaint.images import Hole, Pixels, Resampling, composite
from splpaint.masks import ratio_bin
from splpaint.pairs import PairRecord, View

__all__ = ["PROTOCOLS", "Demand", "Protocol", "find_protocol"]


class Demand(NamedTuple):
    """How a manifest must turn photographs into pixels: what of them is seen, and how that is resized."""

    view: View
    resize: Resampling


class Protocol(NamedTuple):
    """What is measured and how.

    Attributes:
        name: In reports and commands.
        definition: How pictures are measured, in sentences.
        source: Where it was published.
        measures: Computed for each pair, in the order of tables.
        deep: Names of further measures, which need a network.
        composite: Whether known pixels are taken from the truth, or measured as they were painted.
        quantise: Turns paintings that are no 8-bit pictures yet, float32 in [0,1], into uint8.
        bin_of: Hole ratio in [0,1] => label of its bin; empty: in none.
        requires: How photographs must be prepared that have another size than the pairs; None: in any way.
    """

    name: str
    definition: str
    source: str
    measures: tuple[Measure, ...]
    deep: tuple[str, ...]
    composite: bool
    quantise: Callable[[NDArray[np.float32]], Pixels]
    bin_of: Callable[[float], str]
    requires: Demand | None = None

    def sample(self, painted: Pixels | NDArray[np.float32], image: Pixels, hole: Hole) -> Sample:
        """What is measured of a painted pair.

        Args:
            painted: uint8 (H,W,3), or float32 (H,W,3) in [0,1].
            image: The truth, uint8 (H,W,3).
            hole: bool (H,W), True = was missing.
        """
        levels = painted if painted.dtype == np.uint8 else self.quantise(painted.astype(np.float32))
        levels = np.asarray(levels, dtype=np.uint8)
        return Sample(composite(levels, image, hole) if self.composite else levels, image, hole)

    def require_preparation(self, record: PairRecord) -> None:
        """Refuse a pair that is prepared in another way than the protocol demands.

        Raises:
            InputError: It is.
        """
        sides = {record.image_width, record.image_height, record.mask_width, record.mask_height}
        if self.requires is None or len(sides) == 1 or (record.view, record.resize) == self.requires:
            return
        view, resize = self.requires
        raise InputError(
            f"expected photographs with the view {view}, resized by {resize}, for the protocol {self.name}, got the "
            f"view {record.view}, resized by {record.resize or 'nothing'}, for {record.image}; make the manifest by "
            f'`splpaint pairs make` with `view="{view}"` and `resize="{resize}"`, or choose another protocol'
        )

    def only(self, names: Sequence[str], *, deep: bool = True) -> Protocol:
        """The protocol with some measures: its own, or any that a network computes.

        Args:
            names: Of the measures; none: all of the protocol.
            deep: Whether all of the protocol means those by networks, too.

        Raises:
            InputError: A name is unknown.
        """
        if not names:
            return self if deep else self._replace(deep=())
        own = {measure.name: measure for measure in self.measures}
        by_networks = tuple(name for name in names if name not in own)
        for name in by_networks:
            if not is_deep(name):
                known = [*own, *DEEP_NAMES]
                raise InputError(
                    f"expected measures of {self.name}, {', '.join(own)}, or by networks, {', '.join(DEEP_NAMES)}, got "
                    f"{name!r}{did_you_mean(name, known)}"
                )
        return self._replace(measures=tuple(own[name] for name in names if name in own), deep=by_networks)

    def describe(self) -> str:
        """The whole definition, for people, in several lines."""
        lines = [f"{self.name}: {self.definition}", f"Source: {self.source}"]
        described = [*self.measures, *map(find_deep, self.deep)]
        lines += [f"  {each.name}{_manner(each)}: {each.definition}" for each in described]
        if self.requires:
            lines.append(
                f"Needs photographs with the view {self.requires.view}, resized by {self.requires.resize}."
            )
        return "\n".join(lines)


def _manner(measure: Measure | PairMeasure | SetMeasure) -> str:
    way = "nearest to 1" if measure.better == "one" else measure.better
    return f" ({measure.unit}, {way} is best)" if measure.unit else f" ({way} is best)"


def _rounded(painted: NDArray[np.float32]) -> Pixels:
    levels: Pixels = np.rint(np.clip(painted, 0, 1) * np.float32(255)).astype(np.uint8)
    return levels


def _truncated(painted: NDArray[np.float32]) -> Pixels:
    # In float32, as published: levels that were 8 bits before come back as they were, all 256 of them.
    return (np.clip(painted, 0, 1) * np.float32(255)).astype(np.uint8)


def _irregular_bin(ratio: float) -> str:
    return ratio_bin(ratio) or ""


_TENTHS = tuple(tenth / 10 for tenth in range(1, 10))


def _decile(ratio: float) -> str:
    tenth = bisect_right(_TENTHS, ratio)
    return f"[{tenth / 10:g},{(tenth + 1) / 10:g}{']' if tenth == len(_TENTHS) else ')'}"


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "clean",
            "Paintings are rounded to 8 bits and composited: known pixels are the truth's.",
            "this project",
            (PSNR_HOLE, PSNR, SSIM, MAE_HOLE, MAE, BORDER_STEP, RING_LEVEL, SHARPNESS, GRAIN),
            deep=("effnet", "frechet-effnet"),
            composite=True,
            quantise=_rounded,
            bin_of=_irregular_bin,
        ),
        Protocol(
            "spl-2021",
            "Paintings are truncated to 8 bits and composited; whole pictures are measured. No picture is dropped, so "
            "means differ from those of the published loop, which drops the last, smaller batch. (The published code "
            "resizes photographs bilinearly without antialiasing, those of CelebA after the central crop.)",
            "Zhang et al., IJCAI 2021, https://github.com/WendongZh/SPL, eval_final.py",
            (PSNR, SSIM_UNIFORM, GREY_L1),
            deep=(),
            composite=True,
            quantise=_truncated,
            bin_of=_irregular_bin,
        ),
        Protocol(
            "lama",
            "Paintings are truncated to 8 bits and measured whole, as they are; bins are tenths of the hole ratio.",
            "Suvorov et al., WACV 2022, https://github.com/advimman/lama, saicinpainting/evaluation",
            (SSIM_PADDED,),
            deep=("lpips-vgg", "fid-pytorch"),
            composite=False,
            quantise=_truncated,
            bin_of=_decile,
        ),
        Protocol(
            "mat",
            "Paintings are rounded to 8 bits and measured whole, as they are.",
            "Li et al., CVPR 2022, https://github.com/fenglinglwb/MAT, evaluatoin (spelt so)",
            (PSNR, SSIM, L1),
            deep=("lpips-alex", "fid-stylegan", "p-ids", "u-ids"),
            composite=False,
            quantise=_rounded,
            bin_of=_irregular_bin,
        ),
        Protocol(
            "migan",
            "Paintings are rounded to 8 bits, which the published code does not do, and composited; photographs are "
            "squeezed to a square by Pillow's bicubic filter.",
            "Sargsyan et al., ICCV 2023, https://github.com/Picsart-AI-Research/MI-GAN, scripts/evaluate_fid_lpips.py",
            (),
            deep=("lpips-alex", "fid-pytorch"),
            composite=True,
            quantise=_rounded,
            bin_of=_irregular_bin,
            requires=Demand(View.WHOLE, Resampling.BICUBIC),
        ),
    )
}
"""Name => protocol."""


def find_protocol(name: str) -> Protocol:
    """The protocol of a name.

    Raises:
        InputError: There is none.
    """
    if name not in PROTOCOLS:
        raise InputError(
            f"expected a protocol, one of {', '.join(PROTOCOLS)}, got {name!r}{did_you_mean(name, PROTOCOLS)}"
        )
    return PROTOCOLS[name]

"""Measures that need a network: what they are; torch, which computes them, is only needed in ``deep``.

All see 8-bit pictures, one picture a forward pass, so that values do not depend on how pictures are divided.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from splpaint.errors import InputError, did_you_mean
from splpaint.evaluation.measures import Better
from splpaint.evaluation.set_distances import SetPair

__all__ = [
    "DEEP_NAMES",
    "FEW_PAIRS",
    "PAIR_MEASURES",
    "SET_MEASURES",
    "PairMeasure",
    "SetMeasure",
    "find_deep",
]

FEW_PAIRS = 10_000
"""Below so many pairs, distances between sets are flagged: they grow as pairs get fewer."""

_LEAST_FOR_FRECHET = 2_048
_LEAST_FOR_IDS = 5_000
_TIMM = "frechet:"
_EFFNET = "efficientnet-lite0"


class PairMeasure(NamedTuple):
    """One figure for each pair.

    Attributes:
        name: In tables and files.
        unit: Empty: none.
        better: Which figures are.
        definition: One sentence or two.
        network: What computes it.
    """

    name: str
    unit: str
    better: Better
    definition: str
    network: str


class SetMeasure(NamedTuple):
    """One figure for all pairs, by the features of pictures.

    Attributes:
        name: In tables and files.
        unit: Empty: none.
        better: Which figures are.
        definition: One sentence or two.
        network: What finds the features.
        of: Computes it.
        least_pairs: With fewer pairs it is left out.
    """

    name: str
    unit: str
    better: Better
    definition: str
    network: str
    of: Callable[[SetPair], float]
    least_pairs: int


_LPIPS = (
    "Learned perceptual image patch similarity, version 0.1 (Zhang et al. 2018), {}, whole picture at its size in "
    "[-1,1], linear layers of torchmetrics; not of pictures of more than 2.1 megapixels."
)
_FID = (
    "Frechet distance of the 2,048 pooled features of the Inception network of 2015 (Heusel et al. 2017); {}"
)
_TENSORFLOW = (
    "resized to 299 x 299 bilinearly as TensorFlow 1 does (no antialiasing, no shift by half a pixel)"
)
_IDS = f" (Zhao et al. 2021), on the Inception features of fid, {_TENSORFLOW}; fitted and tested on the same pictures."

PAIR_MEASURES = {
    measure.name: measure
    for measure in (
        PairMeasure("lpips-alex", "", "lower", _LPIPS.format("AlexNet"), "alexnet"),
        PairMeasure("lpips-vgg", "", "lower", _LPIPS.format("VGG16"), "vgg16"),
        PairMeasure(
            "effnet",
            "",
            "lower",
            "Squared differences of unit feature vectors of EfficientNet-Lite0, stages 0 to 3 added, mean in the hole; "
            "if a side is longer than 512 pixels, of the hole's bounding box and 64 pixels around.",
            _EFFNET,
        ),
    )
}
"""Name => measure of single pairs."""

SET_MEASURES = {
    measure.name: measure
    for measure in (
        SetMeasure(
            "fid",
            "",
            "lower",
            _FID.format(f"{_TENSORFLOW}, covariances over N - 1, as torch-fidelity computes it."),
            "inception",
            SetPair.frechet,
            _LEAST_FOR_FRECHET,
        ),
        SetMeasure(
            "fid-stylegan",
            "",
            "lower",
            _FID.format(f"{_TENSORFLOW}, covariances over N, as the code of StyleGAN 2 and MAT computes it."),
            "inception",
            lambda pair: pair.frechet(biased=True),
            _LEAST_FOR_FRECHET,
        ),
        SetMeasure(
            "fid-pytorch",
            "",
            "lower",
            _FID.format(
                "resized to 299 x 299 bilinearly as torch does without antialiasing, range [-1,1], covariances "
                "over N - 1, as pytorch-fid, LaMa and MI-GAN compute it."
            ),
            "inception-pytorch",
            SetPair.frechet,
            _LEAST_FOR_FRECHET,
        ),
        SetMeasure(
            "p-ids",
            "",
            "higher",
            "Share of pairs whose painted picture a linear SVM takes for more real than the truth" + _IDS,
            "inception",
            lambda pair: pair.discrimination.p_ids,
            _LEAST_FOR_IDS,
        ),
        SetMeasure(
            "u-ids",
            "",
            "higher",
            "Share of pictures, real or painted, that a linear SVM takes for the other" + _IDS,
            "inception",
            lambda pair: pair.discrimination.u_ids,
            _LEAST_FOR_IDS,
        ),
        SetMeasure(
            "frechet-effnet",
            "",
            "lower",
            "Frechet distance of the 1,280 pooled features of EfficientNet-Lite0; resized to 224 x 224 bicubically "
            "with antialiasing, covariances over N - 1.",
            _EFFNET,
            SetPair.frechet,
            _LEAST_FOR_FRECHET,
        ),
    )
}
"""Name => measure of the whole set."""
DEEP_NAMES = (*PAIR_MEASURES, *SET_MEASURES, f"{_TIMM}NETWORK")
"""What ``find_deep`` knows."""


def is_deep(name: str) -> bool:
    """Whether there is a measure of this name; every NETWORK counts, timm is not asked."""
    return name in PAIR_MEASURES or name in SET_MEASURES or name.startswith(_TIMM)


def find_deep(name: str) -> PairMeasure | SetMeasure:
    """The measure of a name; ``frechet:NETWORK`` is the Frechet distance by any network that timm knows.

    Raises:
        InputError: There is none.
    """
    if not is_deep(name):
        raise InputError(
            f"expected a measure by a network, one of {', '.join(DEEP_NAMES)}, got {name!r}"
            f"{did_you_mean(name, DEEP_NAMES)}"
        )
    return PAIR_MEASURES.get(name) or SET_MEASURES.get(name) or _by_timm(name)


def _by_timm(name: str) -> SetMeasure:
    network = name.removeprefix(_TIMM)
    return SetMeasure(
        name,
        "",
        "lower",
        f"Frechet distance of the pooled features of timm's {network}; resized to the network's input size as its "
        "configuration says, with antialiasing and without a crop, covariances over N - 1.",
        f"timm:{network}",
        SetPair.frechet,
        _LEAST_FOR_FRECHET,
    )

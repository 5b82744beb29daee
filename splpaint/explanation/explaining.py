"""A photograph and its hole => the prior, the pretext network's feature of the true photograph, and their picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.cluster import KMeans
from torch import Tensor

from splpaint.errors import InputError, ModelError
from splpaint.explanation.figure import Similarity, draw_explanation
from splpaint.explanation.teachers import open_teacher
from splpaint.images import (
    CropBox,
    Hole,
    Pixels,
    Resampling,
    composite,
    resample,
    to_pixels,
    to_planes,
)
from splpaint.inference import check_hole
from splpaint.networks import GeneratorConfig, SPLOutput, load_model
from splpaint.training.report import principal_colours

__all__ = ["Explanation", "explain"]

_REGIONS = 6
_LEAST_PX = 16  # the networks pad by reflection, which needs some pixels
_MARGIN_PX = 64  # mirrored around the picture: networks that pad with zeros see a frame, and it is left out
Feature = NDArray[np.float32]


class Explanation(NamedTuple):
    """What a model thinks of a photograph.

    Attributes:
        figure: RGB.
        similarity: Of the prior and the pretext network's feature of the true photograph; None without that.
    """

    figure: Image.Image
    similarity: Similarity | None


def explain(image: Pixels, hole: Hole, folder: Path, *, pretext_weights: Path | None = None) -> Explanation:
    """Draw what a model thinks that a photograph shows, and measure how like the truth that is.

    The network sees the whole photograph, its longer side reduced to the working size, and so does the pretext network,
    at its own scale, without the hole. Around it both see it mirrored.

    Args:
        image: uint8 (H,W,3), the true photograph.
        hole: bool (H,W), True = missing.
        folder: A model folder with weights.
        pretext_weights: The file of the pretext network's weights; None: where the model's run or recipe says.

    Raises:
        InputError: Nothing is known.
        ModelError: The folder is no model with weights, or the pretext network is not the one of its prior.

    A ``PictureWarning`` tells of a hole that is empty or larger than 60 %.
    """
    check_hole(hole, "the network sees all of the picture")
    generator, config = load_model(folder)
    teacher = open_teacher(folder, config, pretext_weights)
    height, width = (_network_side(side_px, max(hole.shape), config) for side_px in hole.shape)
    margin_px = config.size_multiple * -(-_MARGIN_PX // config.size_multiple)
    whole = CropBox(0, 0, hole.shape[1], hole.shape[0])
    small = resample(image, whole, width, height, Resampling.AREA)
    missing = _hidden(hole, height, width) > 0  # a pixel that touches the hole, as in painting
    if missing.all():
        raise InputError(
            f"the mask must leave some of the picture in the {width}x{height} pixels that the network sees, got one "
            "that touches all of them; mark less"
        )
    with torch.inference_mode():
        seen = torch.from_numpy(_mirrored(missing, margin_px)[None, None].astype(np.float32))
        output: SPLOutput = generator(_batch(_mirrored(small, margin_px)), seen)
        painted, prior = (
            _inner(planes[0].numpy(), height, margin_px) for planes in (output.painted, output.prior)
        )
        maps = {"prior": prior}
        if teacher is not None:
            large_px = [round(teacher.config.scale * side_px) for side_px in (width, height, margin_px)]
            large = resample(image, whole, large_px[0], large_px[1], Resampling.AREA)
            feature = teacher(_batch(_mirrored(large, large_px[2])))[0].numpy()
            maps["true feature"] = _inner(feature, large_px[1], large_px[2])
    _require_alike(maps)
    hidden = _hidden(missing, *prior.shape[1:])
    features = [_standardised(each, hidden < 0.5) for each in maps.values()]
    similarity = _similarity(features[0], features[1], hidden) if len(features) > 1 else None
    figure = draw_explanation(
        image,
        hole,
        painted=composite(to_pixels(painted), small, missing),
        colours=dict(zip(maps, principal_colours(features), strict=True)),
        regions=dict(zip(maps, _regions(features), strict=True)),
        touched=hidden > 0,
        similarity=similarity,
    )
    return Explanation(figure, similarity)


def _network_side(side_px: int, longer_px: int, config: GeneratorConfig) -> int:
    """A side at the working size, as the nearest multiple that the network takes: proportions may change a little."""
    multiples = config.working_size_px * side_px / longer_px / config.size_multiple
    return config.size_multiple * max(round(multiples), 1, -(-_LEAST_PX // config.size_multiple))


def _hidden(hole: Hole, height: int, width: int) -> NDArray[np.float32]:
    """The share of each cell of (height,width) that the hole covers."""
    covered = Image.fromarray(hole.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
    return np.asarray(covered)


def _mirrored(pixels: NDArray[Any], margin_px: int) -> NDArray[Any]:
    """(H,W) or (H,W,C), with a margin all around."""
    margins = [(margin_px, margin_px)] * 2 + [(0, 0)] * (pixels.ndim - 2)
    return np.pad(pixels, margins, "symmetric")


def _inner(planes: Feature, height: int, margin_px: int) -> Feature:
    """Cut off what a map (P,h,w) has of the margins of the picture that it belongs to."""
    cut = round(planes.shape[1] * margin_px / (height + 2 * margin_px))
    return planes[:, cut:-cut, cut:-cut]


def _batch(pixels: Pixels) -> Tensor:
    return torch.from_numpy(to_planes(pixels))[None]


def _require_alike(maps: dict[str, Feature]) -> None:
    shapes = [feature.shape for feature in maps.values()]
    if len(set(shapes)) > 1:
        raise ModelError(
            f"the pretext network must be the one that the model was trained with, whose feature is {shapes[0]}, got "
            f"one of {shapes[1]}; give the model in its run's folder, or that network's `pretext_weights`"
        )


def _standardised(feature: Feature, known: Hole) -> Feature:
    """Bring each channel of (P,h,w) to mean 0 and spread 1 where the photograph is known; else all of it."""
    where = known if known.any() else np.ones_like(known)
    mean, spread = (measure(feature[:, where], axis=1)[:, None, None] for measure in (np.mean, np.std))
    standardised: Feature = (feature - mean) / np.maximum(spread, np.float32(1e-6))
    return standardised


def _similarity(prior: Feature, feature: Feature, hidden: NDArray[np.float32]) -> Similarity:
    lengths = np.linalg.norm(prior, axis=0) * np.linalg.norm(feature, axis=0)
    cells = (prior * feature).sum(axis=0) / np.maximum(lengths, np.float32(1e-6))
    in_hole, elsewhere = (
        float(np.average(cells, weights=share)) if share.any() else None for share in (hidden, 1 - hidden)
    )
    return Similarity(cells, in_hole, elsewhere)


def _regions(features: Sequence[Feature]) -> list[NDArray[np.int32]]:
    """Cluster the places of all maps together by k-means; (h,w) numbers each, the largest region first."""
    height, width = features[0].shape[1:]
    # (P,h,w) => (h*w,P), maps below each other
    places = np.concatenate([feature.reshape(len(feature), -1).T for feature in features])
    labels = KMeans(_REGIONS, n_init=4, random_state=0).fit_predict(places)
    rank = np.argsort(np.argsort(-np.bincount(labels, minlength=_REGIONS)))
    return list(rank[labels].astype(np.int32).reshape(len(features), height, width))

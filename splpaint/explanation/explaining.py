"""A photograph and its hole => the prior, the pretext network's feature of the true photograph, and their picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.cluster import KMeans
from torch import Tensor

from splpaint.errors import ModelError
from splpaint.explanation.figure import draw_explanation
from splpaint.explanation.teachers import open_teacher
from splpaint.images import (
    CropBox,
    Hole,
    Pixels,
    Resampling,
    composite,
    fit_hole,
    resample,
    to_pixels,
    to_planes,
)
from splpaint.networks import GeneratorConfig, SPLOutput, load_model
from splpaint.training.report import principal_colours

__all__ = ["explain"]

_REGIONS = 6
_LEAST_PX = 16  # the networks pad by reflection, which needs some pixels
Feature = NDArray[np.float32]


def explain(image: Pixels, hole: Hole, folder: Path, *, pretext_weights: Path | None = None) -> Image.Image:
    """Draw what a model thinks that a photograph shows.

    The network sees the whole photograph, its longer side reduced to the working size, and so does the pretext network,
    at its own scale, without the hole.

    Args:
        image: uint8 (H,W,3), the true photograph.
        hole: bool (H,W), True = missing.
        folder: A model folder with weights.
        pretext_weights: The file of the pretext network's weights; None: where the model's run or recipe says.

    Raises:
        ModelError: The folder is no model with weights, or the pretext network is not the one of its prior.
    """
    generator, config = load_model(folder)
    teacher = open_teacher(folder, config, pretext_weights)
    height, width = (_network_side(side_px, max(hole.shape), config) for side_px in hole.shape)
    whole = CropBox(0, 0, hole.shape[1], hole.shape[0])
    small = resample(image, whole, width, height, Resampling.AREA)
    missing = fit_hole(hole, whole, width, height)
    with torch.inference_mode():
        output: SPLOutput = generator(_batch(small), torch.from_numpy(missing[None, None].astype(np.float32)))
        maps = {"the prior": output.prior[0].numpy()}
        if teacher is not None:
            scale = teacher.config.scale
            large = resample(image, whole, round(scale * width), round(scale * height), Resampling.AREA)
            maps["the pretext network's feature"] = teacher(_batch(large))[0].numpy()
    _require_alike(maps)
    rows, columns = output.prior.shape[2:]
    known = ~fit_hole(missing, CropBox(0, 0, width, height), columns, rows)
    features = [_standardised(feature, known) for feature in maps.values()]
    return draw_explanation(
        image,
        hole,
        painted=composite(to_pixels(output.painted[0].numpy()), small, missing),
        colours=dict(zip(maps, principal_colours(features), strict=True)),
        regions=dict(zip(maps, _regions(features), strict=True)),
        error=np.abs(features[0] - features[1]).mean(axis=0) if len(features) > 1 else None,
    )


def _network_side(side_px: int, longer_px: int, config: GeneratorConfig) -> int:
    """A side at the working size, as the nearest multiple that the network takes: proportions may change a little."""
    multiples = config.working_size_px * side_px / longer_px / config.size_multiple
    return config.size_multiple * max(round(multiples), 1, -(-_LEAST_PX // config.size_multiple))


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


def _regions(features: Sequence[Feature]) -> list[NDArray[np.int32]]:
    """Cluster the places of all maps together by k-means; (h,w) numbers each, the largest region first."""
    height, width = features[0].shape[1:]
    # (P,h,w) => (h*w,P), maps below each other
    places = np.concatenate([feature.reshape(len(feature), -1).T for feature in features])
    labels = KMeans(_REGIONS, n_init=4, random_state=0).fit_predict(places)
    rank = np.argsort(np.argsort(-np.bincount(labels, minlength=_REGIONS)))
    return list(rank[labels].astype(np.int32).reshape(len(features), height, width))

"""Feature maps as pictures: their three main directions as red, green and blue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from splpaint.images import Pixels

__all__ = ["principal_colours"]


def principal_colours(features: Sequence[NDArray[np.float32]]) -> list[Pixels]:
    """Colour feature maps alike: equal colours mean alike features, across all of them.

    Args:
        features: At least one, (P,h,w) each, all of the same shape.

    Returns:
        uint8 (h,w,3) each.
    """
    height, width = features[0].shape[1:]
    # (P,h,w) => (h*w,P), maps below each other
    values = np.concatenate([map.reshape(len(map), -1).T for map in features]).astype(np.float64)
    values -= values.mean(axis=0)
    _, directions = np.linalg.eigh(values.T @ values)
    main = directions[:, -3:][:, ::-1]
    main = main * np.sign(main[np.abs(main).argmax(axis=0), range(main.shape[1])])  # the sign is arbitrary
    places = values @ main
    low, high = np.percentile(places, [1, 99], axis=0)
    levels = np.clip((places - low) / np.maximum(high - low, 1e-12), 0, 1) * 255
    colours = np.zeros((len(levels), 3), np.uint8)
    colours[:, : levels.shape[1]] = np.rint(levels)  # features of fewer than three channels
    return list(colours.reshape(len(features), height, width, 3))

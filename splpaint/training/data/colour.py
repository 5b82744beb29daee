"""Small random changes of a photograph's colours: another exposure, another light, a duller or brighter print.

Not in the paper. Both images of a sample, the network's and the pretext network's, are changed alike. A change is a
function of (seed, index) and independent of every other draw: with or without it a sample shows the same crop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from splpaint.random_streams import random_stream

__all__ = ["ColourChange", "ColourChanges", "change_colours", "colour_change", "stack_changes"]

_LUMINANCE = np.array([0.299, 0.587, 0.114])
_STREAM = 3  # 1 and 2 draw the order of photographs


class ColourChange(NamedTuple):
    """mix @ (colour ** gamma), clamped to [0,1].

    Attributes:
        mix: float32 (3,3).
        gamma: Above 0.
    """

    mix: NDArray[np.float32]
    gamma: float


class ColourChanges(NamedTuple):
    """The changes of a batch: (B,3,3) and (B,), float32."""

    mix: Tensor
    gamma: Tensor


def colour_change(*, seed: int, index: int, strength: float) -> ColourChange:
    """The change of sample ``index``.

    Args:
        seed: Of the stream of samples.
        index: Place in it.
        strength: In [0,1]. At 1: gamma from 0.7 to 1.4, red and blue up to 15 % against green, brightness up to 23 %,
            saturation up to 40 %, hue up to 18 degrees; none of them at 0.
    """
    gamma, light, red, blue, saturation, hue = strength * (
        2 * random_stream(seed, index, _STREAM).random_sample(6) - 1
    )
    gains = 2 ** np.array([0.3 * light + 0.2 * red, 0.3 * light, 0.3 * light + 0.2 * blue])
    saturated = np.outer(np.ones(3), _LUMINANCE) * (-0.4 * saturation) + np.eye(3) * (1 + 0.4 * saturation)
    mix = _hue_rotation(0.1 * np.pi * hue) @ saturated @ np.diag(gains)
    return ColourChange(mix.astype(np.float32), float(2 ** (0.5 * gamma)))


def stack_changes(changes: Sequence[ColourChange]) -> ColourChanges:
    """Changes of single samples => those of their batch."""
    return ColourChanges(
        torch.from_numpy(np.stack([each.mix for each in changes])),
        torch.tensor([each.gamma for each in changes], dtype=torch.float32),
    )


def change_colours(image: Tensor, changes: ColourChanges) -> Tensor:
    """(B,3,H,W) image in [0,1] => (B,3,H,W) in [0,1]; ``changes`` on the same device."""
    curved = image ** changes.gamma[:, None, None, None]
    return torch.matmul(changes.mix, curved.flatten(2)).view_as(image).clamp(0, 1)


def _hue_rotation(angle: float) -> NDArray[np.float64]:
    """Rotation of colours about the axis of greys."""
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    turned: NDArray[np.float64] = (
        np.cos(angle) * np.eye(3) + (1 - np.cos(angle)) / 3 * np.ones((3, 3)) + np.sin(angle) * cross
    )
    return turned

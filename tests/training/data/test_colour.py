"""Random changes of colour: the same for the same (seed, index), none at strength 0, never outside [0,1]."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from splpaint.training.data.colour import (
    ColourChange,
    _hue_rotation,
    change_colours,
    colour_change,
    stack_changes,
)


def picture() -> torch.Tensor:
    return torch.rand(4, 3, 9, 11, generator=torch.Generator().manual_seed(0))


def test_strength_0_changes_nothing() -> None:
    changes = stack_changes([colour_change(seed=1, index=index, strength=0) for index in range(4)])
    torch.testing.assert_close(change_colours(picture(), changes), picture(), rtol=0, atol=1e-7)


def test_a_change_depends_on_seed_and_index_alone() -> None:
    def change(seed: int, index: int) -> tuple[float, ...]:
        mix, gamma = colour_change(seed=seed, index=index, strength=1)
        return (gamma, *mix.ravel().tolist())

    assert change(3, 7) == change(3, 7)
    assert len({change(3, 7), change(3, 8), change(4, 7)}) == 3


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_changes_stay_within_their_bounds(strength: float) -> None:
    changes = [colour_change(seed=0, index=index, strength=strength) for index in range(300)]
    gammas = np.array([change.gamma for change in changes])
    whites = np.array([change.mix.sum(axis=1) for change in changes])
    assert 2 ** (-0.5 * strength) <= gammas.min() < gammas.max() <= 2 ** (0.5 * strength)
    assert gammas.max() > 2 ** (0.4 * strength)
    # White becomes what the lamps' brightness and tint make of it, then is turned and saturated a little.
    assert (np.abs(whites - 1) < 2 ** (0.8 * strength) - 1).all()
    changed = change_colours(picture(), stack_changes(changes[:4]))
    assert 0 <= float(changed.min()) < float(changed.max()) <= 1


def test_a_third_of_a_turn_makes_red_green() -> None:
    np.testing.assert_allclose(_hue_rotation(2 * np.pi / 3) @ [0.9, 0.2, 0.1], [0.1, 0.9, 0.2], atol=1e-12)


def test_mixing_and_gamma_are_those_of_plain_arithmetic() -> None:
    mix = np.array([[0.5, 0.25, 0], [0, 1, 0], [0, 0.1, 0.9]], dtype=np.float32)
    image = torch.tensor([0.04, 0.25, 0.81]).reshape(1, 3, 1, 1)
    changed = change_colours(image, stack_changes([ColourChange(mix, 0.5)]))
    torch.testing.assert_close(changed.flatten(), torch.tensor([0.225, 0.5, 0.86]))

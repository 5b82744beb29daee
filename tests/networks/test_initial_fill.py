from __future__ import annotations

import numpy as np
import pytest
import torch

from splpaint.networks.initial_fill import pull_push

pytestmark = pytest.mark.numeric

both = pytest.mark.parametrize("sweeps", [0, 4])


@both
def test_known_pixels_are_kept_exactly(sweeps: int) -> None:
    torch.manual_seed(0)
    image = torch.rand(2, 3, 64, 128)
    hole = (torch.rand(2, 1, 64, 128) < 0.6).float()
    filled = pull_push(image, hole, levels=6, sweeps=sweeps)
    assert torch.equal(filled * (1 - hole), image * (1 - hole))


@both
def test_a_plain_picture_is_filled_with_its_colour(sweeps: int) -> None:
    image = torch.tensor([0.2, 0.5, 0.9]).reshape(1, 3, 1, 1).expand(1, 3, 64, 64)
    hole = torch.zeros(1, 1, 64, 64)
    hole[..., 10:50, 5:60] = 1
    torch.testing.assert_close(pull_push(image, hole, levels=6, sweeps=sweeps), image.contiguous())


@both
def test_what_the_hole_holds_does_not_matter(sweeps: int) -> None:
    torch.manual_seed(0)
    image, hole = torch.rand(1, 3, 64, 64), (torch.rand(1, 1, 64, 64) < 0.4).float()
    other = image + hole * 7
    torch.testing.assert_close(
        pull_push(image, hole, levels=6, sweeps=sweeps), pull_push(other, hole, levels=6, sweeps=sweeps)
    )


@both
def test_a_picture_that_is_all_hole_becomes_grey(sweeps: int) -> None:
    filled = pull_push(torch.rand(1, 3, 64, 64), torch.ones(1, 1, 64, 64), levels=6, sweeps=sweeps)
    torch.testing.assert_close(filled, torch.full_like(filled, 0.5))


def test_the_fill_stays_within_the_range_of_the_known_pixels() -> None:
    torch.manual_seed(1)
    image = torch.rand(1, 3, 128, 64) * 0.5 + 0.25
    hole = (torch.rand(1, 1, 128, 64) < 0.9).float()
    filled = pull_push(image, hole, levels=6)
    assert filled.min() >= 0.25 - 1e-5
    assert filled.max() <= 0.75 + 1e-5


def harmonic(image: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
    """The fill whose every pixel is the mean of its neighbours, by a direct solver."""
    height, width = hole.shape[2:]
    steps = np.zeros((height, width, height, width))
    for row, column in np.ndindex(height, width):
        steps[row, column, max(row - 1, 0) : row + 2, column] = 1
        steps[row, column, row, max(column - 1, 0) : column + 2] = 1
        steps[row, column, row, column] = 0
    near = steps.reshape(height * width, height * width)
    laplacian = np.diag(near.sum(axis=1)) - near
    inside = hole[0, 0].flatten().numpy() > 0
    colours = image[0].flatten(1).T.double().numpy().copy()
    known = laplacian[np.ix_(inside, ~inside)] @ colours[~inside]
    colours[inside] = np.linalg.solve(laplacian[np.ix_(inside, inside)], -known)
    return torch.from_numpy(colours.T.reshape(image.shape)).to(image.dtype)


def test_sweeps_bring_the_fill_near_the_harmonic_one() -> None:
    torch.manual_seed(2)
    coarse = torch.rand(1, 3, 12, 12)
    image = torch.nn.functional.interpolate(coarse, size=(64, 64), mode="bicubic") + 0.02 * torch.rand(
        1, 3, 64, 64
    )
    hole = torch.zeros(1, 1, 64, 64)
    hole[..., 8:20, 0:60] = hole[..., 30:64, 25:50] = 1  # a stroke and a thick hole, each to an edge
    exact = harmonic(image, hole)
    errors = [
        (pull_push(image, hole, 6, sweeps) - exact)[:, :, hole[0, 0] > 0].square().mean()
        for sweeps in (0, 4, 40)
    ]
    assert errors[1] < errors[0] / 10
    assert errors[2] < errors[0] / 300

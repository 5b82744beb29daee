from __future__ import annotations

import pytest
import torch

from splpaint.networks.initial_fill import pull_push

pytestmark = pytest.mark.numeric


def test_known_pixels_are_kept_exactly() -> None:
    torch.manual_seed(0)
    image = torch.rand(2, 3, 64, 128)
    hole = (torch.rand(2, 1, 64, 128) < 0.6).float()
    filled = pull_push(image, hole, levels=6)
    assert torch.equal(filled * (1 - hole), image * (1 - hole))


def test_a_plain_picture_is_filled_with_its_colour() -> None:
    image = torch.tensor([0.2, 0.5, 0.9]).reshape(1, 3, 1, 1).expand(1, 3, 64, 64)
    hole = torch.zeros(1, 1, 64, 64)
    hole[..., 10:50, 5:60] = 1
    torch.testing.assert_close(pull_push(image, hole, levels=6), image.contiguous())


def test_what_the_hole_holds_does_not_matter() -> None:
    torch.manual_seed(0)
    image, hole = torch.rand(1, 3, 64, 64), (torch.rand(1, 1, 64, 64) < 0.4).float()
    other = image + hole * 7
    torch.testing.assert_close(pull_push(image, hole, levels=6), pull_push(other, hole, levels=6))


def test_a_picture_that_is_all_hole_becomes_grey() -> None:
    filled = pull_push(torch.rand(1, 3, 64, 64), torch.ones(1, 1, 64, 64), levels=6)
    torch.testing.assert_close(filled, torch.full_like(filled, 0.5))


def test_the_fill_stays_within_the_range_of_the_known_pixels() -> None:
    torch.manual_seed(1)
    image = torch.rand(1, 3, 128, 64) * 0.5 + 0.25
    hole = (torch.rand(1, 1, 128, 64) < 0.9).float()
    filled = pull_push(image, hole, levels=6)
    assert filled.min() >= 0.25 - 1e-5
    assert filled.max() <= 0.75 + 1e-5

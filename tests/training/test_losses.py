from __future__ import annotations

import numpy as np
import pytest
import torch

from splpaint.training.losses import distillation, imitation, negative_psnr, perceptual, region_l1
from splpaint.training.schedule import trapezoid


def test_region_l1_averages_each_region_by_itself() -> None:
    image = torch.zeros(2, 3, 4, 4)
    painted = torch.zeros(2, 3, 4, 4)
    hole = torch.zeros(2, 1, 4, 4)
    hole[:, :, :1] = 1
    painted[0, :, :1] = 0.5  # one picture is wrong in its hole, the other on its known pixels
    painted[1, :, 1:] = 0.25
    inside, outside = region_l1(painted, image, hole)
    assert inside.item() == pytest.approx(0.25)
    assert outside.item() == pytest.approx(0.125)


def test_a_region_without_pixels_counts_nothing() -> None:
    inside, outside = region_l1(torch.ones(1, 3, 4, 4), torch.zeros(1, 3, 4, 4), torch.zeros(1, 1, 4, 4))
    assert inside.item() == 0
    assert outside.item() == 1


def test_the_negative_psnr_is_that_of_the_hole_alone() -> None:
    random = np.random.default_rng(0)
    image, painted = random.random((2, 2, 3, 16, 24))
    painted[1] = image[1] + (painted[1] - image[1]) / 3
    hole = (random.random((2, 1, 16, 24)) < 0.3).astype(float)
    errors = [
        np.mean((ours - true)[:, missing] ** 2)
        for ours, true, missing in zip(painted, image, hole[:, 0] == 1, strict=True)
    ]
    value = negative_psnr(*map(torch.from_numpy, (painted, image, hole)))
    assert value.item() == pytest.approx(np.mean(10 * np.log10(errors)), abs=0.03)
    assert negative_psnr(*map(torch.from_numpy, (image, image, hole))).item() == pytest.approx(-40)
    assert negative_psnr(*map(torch.from_numpy, (painted, image, 0 * hole))).item() == pytest.approx(-40)


def test_distillation_counts_the_hole_four_times() -> None:
    prior, feature = torch.ones(1, 2, 2, 2), torch.zeros(1, 2, 2, 2)
    hole = torch.zeros(1, 1, 16, 16)
    hole[..., :8] = 1
    assert distillation(prior, feature, hole).item() == pytest.approx((4 + 1) / 2)


def test_the_perceptual_loss_counts_over_the_holes_area() -> None:
    random = np.random.default_rng(0)
    truths = [random.normal(size=(2, 4, side, side)) * 10 for side in (8, 4)]
    ours = [truth + random.normal(size=truth.shape) for truth in truths]
    hole = np.zeros((2, 1, 16, 16))
    hole[0, :, :4], hole[1, :, :8] = 1, 1
    expected = np.mean(
        [
            np.mean(np.abs(a - b), axis=(1, 2, 3)) / np.array([0.25, 0.5])
            for a, b in zip(ours, truths, strict=True)
        ]
    )
    value = perceptual(
        [torch.from_numpy(a) for a in ours], [torch.from_numpy(b) for b in truths], torch.from_numpy(hole)
    )
    assert value.item() == pytest.approx(expected)


def test_imitation_compares_two_painters_in_the_hole_at_four_sizes() -> None:
    random = np.random.default_rng(0)
    painted, taught = random.random((2, 2, 3, 16, 24))
    hole = (random.random((2, 1, 16, 24)) < 0.3).astype(float)
    sizes = []
    for shrink in (1, 2, 4, 8):
        blocks = ((painted - taught) * hole).reshape(2, 3, 16 // shrink, shrink, 24 // shrink, shrink)
        coarse = np.abs(blocks.mean(axis=(3, 5))).mean(axis=(1, 2, 3))
        sizes.append(np.mean(coarse / hole.mean(axis=(1, 2, 3))))
    value = imitation(*map(torch.from_numpy, (painted, taught, hole)))
    assert value.item() == pytest.approx(np.mean(sizes))


def test_the_rate_rises_stays_and_falls() -> None:
    rate = [trapezoid(seen, total=100, warmup=10, decay=20) for seen in range(101)]
    assert rate[0] == pytest.approx(0.1)
    assert rate[9:81] == [1.0] * 72
    assert rate[90] == pytest.approx(0.5)
    assert rate[100] == 0

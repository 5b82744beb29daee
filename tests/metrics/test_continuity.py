from __future__ import annotations

import math

import numpy as np
import pytest

from splpaint.metrics.continuity import border_step, ring_level_error, sharpness


def ramp(height: int = 60, width: int = 80) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.repeat((2 * x + y)[..., None], 3, axis=2).astype(np.uint8)


def box(height: int = 60, width: int = 80) -> np.ndarray:
    hole = np.zeros((height, width), np.bool_)
    hole[20:40, 30:50] = True
    return hole


def test_the_truth_steps_as_the_truth_and_is_as_sharp() -> None:
    assert border_step(ramp(), ramp(), box()) == 1
    assert sharpness(ramp(), ramp(), box()) == 1
    assert ring_level_error(ramp(), ramp(), box()) == 0


def test_a_brighter_patch_has_an_outline_and_its_level_is_off() -> None:
    painted = ramp()
    painted[box()] += 10
    # Left and right the steps are 2 + 10 and 10 - 2, above and below 1 + 10 and 10 - 1; truly 2 and 1.
    assert border_step(painted, ramp(), box()) == pytest.approx((12 + 8 + 11 + 9) / (2 + 2 + 1 + 1))
    assert sharpness(painted, ramp(), box()) == 1
    assert ring_level_error(painted, ramp(), box()) == pytest.approx(10)


def test_one_colour_has_no_sharpness_and_grain_does_not_move_the_level() -> None:
    painted = ramp()
    painted[box()] = 128
    assert sharpness(painted, ramp(), box()) == 0
    grain = np.where(np.indices((60, 80)).sum(axis=0) % 2, 8, -8)[..., None]
    grained = np.where(box()[..., None], ramp() + grain, ramp()).astype(np.uint8)
    assert ring_level_error(grained, ramp(), box()) < 1.5
    assert sharpness(grained, ramp(), box()) > 5


def test_the_ring_keeps_to_the_border() -> None:
    painted = ramp(200, 200)
    hole = np.zeros((200, 200), np.bool_)
    hole[40:160, 40:160] = True
    painted[60:140, 60:140] = 0
    assert ring_level_error(painted, ramp(200, 200), hole) == 0


def test_without_a_border_there_is_no_figure() -> None:
    for figure in (border_step, sharpness, ring_level_error):
        assert math.isnan(figure(ramp(), ramp(), np.zeros((60, 80), np.bool_)))


def test_known_pixels_far_from_the_hole_have_no_influence() -> None:
    painted, truth = np.random.default_rng(2).integers(0, 256, (2, 60, 80, 3), dtype=np.uint8)
    painted[~box()] = truth[~box()]
    larger = ((30, 20), (40, 10))
    for figure in (border_step, sharpness, ring_level_error):
        wide = [np.pad(pixels, (*larger, (0, 0)), mode="reflect") for pixels in (painted, truth)]
        expected = figure(painted, truth, box())
        assert expected > 0
        assert figure(wide[0], wide[1], np.pad(box(), larger)) == expected


def test_the_ring_of_a_hole_at_the_picture_s_border_is_that_of_its_known_side() -> None:
    painted, truth = np.random.default_rng(4).integers(0, 256, (2, 40, 30, 3), dtype=np.uint8)
    hole = np.zeros((40, 30), np.bool_)
    hole[:20, :12] = True
    errors = []
    for row in range(20):
        for column in range(12):
            if row >= 12 or column >= 4:  # within 8 pixels of row 20 or column 12
                square = (
                    slice(max(row - 4, 0), min(row + 4, 20)),
                    slice(max(column - 4, 0), min(column + 4, 12)),
                )
                means = [pixels[square].reshape(-1, 3).mean(axis=0) for pixels in (painted, truth)]
                errors.append(np.abs(means[0] - means[1]))
    assert ring_level_error(painted, truth, hole) == pytest.approx(np.mean(errors), rel=1e-12)

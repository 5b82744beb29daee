from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from splpaint.images import Hole, Pixels
from splpaint.inference.fillings import add_detail
from splpaint.masks import GENERATORS
from splpaint.metrics import grain


def ramp(side_px: int = 256) -> np.ndarray:
    across = np.linspace(40, 200, side_px)
    return np.stack([np.add.outer(across * share, across * (1 - share)) for share in (0.5, 0.3, 0.8)], axis=2)


def scratched(noise: float, *, seed: int = 1) -> tuple[Pixels, Hole]:
    """A slope with noise everywhere but in scratches, which were painted smooth."""
    hole = GENERATORS["scratches"](seed=3, index=1, height=256, width=256)
    clean = ramp()
    levels = clean + np.random.default_rng(seed).normal(0, noise, clean.shape)
    image = np.where(hole[..., None], clean, levels)
    return np.rint(image.clip(0, 255)).astype(np.uint8), hole


@pytest.mark.parametrize("noise", [2.0, 6.0, 15.0])
def test_scratches_get_the_noise_of_their_surroundings(noise: float) -> None:
    image, hole = scratched(noise)
    before = image.copy()
    add_detail(image, hole, hole)
    assert grain(before, hole) < 0.5
    assert 0.5 < grain(image, hole) < 1.2
    assert (image[~hole] == before[~hole]).all()
    change = image[hole].astype(np.float64) - before[hole]
    assert abs(change.mean()) < 0.15 * noise + 0.1  # no level is moved
    assert change.std() < 1.2 * noise


def test_a_plain_ground_stays_plain() -> None:
    image, hole = scratched(0)
    before = image.copy()
    add_detail(image, hole, hole)
    change = np.abs(image.astype(int) - before)
    assert change.max() <= 2
    assert change[hole].mean() < 0.4


def test_detail_that_is_there_is_not_added_again() -> None:
    image, hole = scratched(6)
    image = np.rint((ramp() + np.random.default_rng(2).normal(0, 6, image.shape)).clip(0, 255)).astype(
        np.uint8
    )
    before = image.copy()
    add_detail(image, hole, hole)
    assert grain(image, hole) < 1.25 * grain(before, hole)


def test_what_was_painted_smooth_gets_the_texture_that_fits() -> None:
    """Stripes that the network has painted too softly become sharp where they are, not somewhere else."""
    _, hole = scratched(0)
    across = np.arange(256)
    stripes = np.repeat(np.where(across % 12 < 6, 60.0, 180.0)[None, :, None], 3, axis=2).repeat(256, axis=0)
    soft = 120 + (stripes - 120) * 0.9
    for _ in range(2):
        soft = (np.roll(soft, 1, 1) + 2 * soft + np.roll(soft, -1, 1)) / 4
    image = np.where(hole[..., None], soft, stripes).astype(np.uint8)
    before = np.abs(image - stripes)[hole].mean()
    add_detail(image, hole, hole)

    assert np.abs(image - stripes)[hole].mean() < 0.8 * before


def test_what_was_painted_flat_gets_the_structure_of_its_surroundings() -> None:
    """A network has painted a pattern as its mean; had it painted another one, that would stay."""
    _, hole = scratched(0)
    wave = np.sin(np.arange(256) * 2 * np.pi / 9)
    pattern = np.repeat((128 + 40 * np.outer(wave, wave))[..., None], 3, axis=2)

    def detailed(painted: np.ndarray, *, keep_structure: bool) -> np.ndarray:
        image = np.where(hole[..., None], painted, pattern).astype(np.uint8)
        add_detail(image, hole, hole, keep_structure=keep_structure)
        return image[hole].astype(np.float64)

    flat = np.full_like(pattern, 128)
    assert detailed(flat, keep_structure=False).std() > 1.5 * detailed(flat, keep_structure=True).std()

    another = np.roll(pattern, 4, axis=0)
    changed = detailed(another, keep_structure=False) - detailed(another, keep_structure=True)
    assert np.abs(changed).mean() < 0.1 * pattern[hole].std()


def test_the_networks_colours_stay_where_they_show_the_same_thing_as_the_texture() -> None:
    image, hole = scratched(6)
    away = np.where(hole[..., None], image.astype(np.int64) + 10, image).clip(0, 255).astype(np.uint8)
    before = away.copy()
    add_detail(away, hole, hole)
    assert 5 < (away.astype(np.int64) - image)[hole].mean() <= 10
    assert grain(away, hole) > 2 * grain(before, hole)
    another = np.where(hole[..., None], 255 - image, image)
    add_detail(another, hole, hole)
    apart = np.abs(another.astype(np.int64) - image)[hole & (np.abs(255 - 2 * ramp()).min(axis=2) > 80)]
    assert apart.mean() < 40


def test_sixteen_bits_get_the_same_detail_without_the_rounding_of_eight() -> None:
    image, hole = scratched(6)
    deep = image.astype(np.uint16) * 257
    add_detail(image, hole, hole)
    add_detail(deep, hole, hole)
    assert np.abs(deep / 257 - image).max() <= 0.51
    assert len(np.unique(deep[hole] % 257)) > 100


def test_nothing_is_taken_from_what_is_missing() -> None:
    image, hole = scratched(6)
    painted = hole.copy()
    painted[:, :128] = False
    other = image.copy()
    other[hole & ~painted] = 255
    add_detail(image, painted, hole)
    add_detail(other, painted, hole)
    painted[:, : 128 + 32] = False  # what is beside it belongs to what it looks like
    assert (image[painted] == other[painted]).all()


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (20, 20), (97, 97)])
def test_small_images_are_left_or_detailed_without_failing(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 255, (*shape, 3), dtype=np.uint8)
    hole = np.zeros(shape, np.bool_)
    hole[: max(1, shape[0] // 3)] = True
    first, second = image.copy(), image.copy()
    add_detail(first, hole, hole)
    add_detail(second, hole, hole)
    assert (first == second).all()
    assert (first[~hole] == image[~hole]).all()


def test_a_calm_sky_gets_none_of_the_leaves_below() -> None:
    _, hole = scratched(0)
    random = np.random.default_rng(4)
    levels = np.empty((256, 256, 3))
    levels[:128], levels[128:] = (200, 215, 235), (70, 90, 50)
    levels += random.normal(0, 1.5, levels.shape)
    levels[128:] += np.where(hole[128:, :, None], 0, random.normal(0, 40, (128, 256, 3)))
    image = np.rint(levels.clip(0, 255)).astype(np.uint8)
    sky, ground = hole.copy(), hole.copy()
    sky[120:], ground[:136] = False, False
    before = image.astype(np.int64)
    add_detail(image, hole, hole)
    change = np.abs(image - before)
    assert change[sky].max() < 12
    assert change[ground].mean() > 12


def test_the_detail_is_the_same_on_any_number_of_threads() -> None:
    image, hole = scratched(noise=6.0)
    results = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            painted = image.copy()
            add_detail(painted, hole, hole)
            results.append(painted)
    np.testing.assert_array_equal(results[0], results[1])

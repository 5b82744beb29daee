from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splpaint.errors import InputError
from splpaint.images.arrays import Hole, Pixels, Planes
from splpaint.inference.any_size import Crop, paint_any_size, plan_crops
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.precision import Precision

WORKING_SIZE_PX = 32
SIZE_MULTIPLE = 8


class Mean:
    """Paints the mean of the known pixels and looks at what it is given."""

    name = "mean"
    precision: Precision = "fp32"

    def __init__(self, working_size_px: int = WORKING_SIZE_PX) -> None:
        self.working_size_px = working_size_px
        self.holes: list[Planes] = []

    def __call__(self, planes: Planes, hole: Planes) -> Planes:
        height, width = hole.shape[2:]
        assert (planes.shape, hole.shape) == ((1, 3, height, width), (1, 1, height, width))
        assert max(height, width) <= self.working_size_px
        assert height % SIZE_MULTIPLE == width % SIZE_MULTIPLE == 0
        assert planes.dtype == hole.dtype == np.float32
        assert set(np.unique(hole)) <= {0.0, 1.0}
        known = 1 - hole
        assert known.any(), "the network must have something to go by"
        self.holes.append(hole)
        mean = (planes * known).sum((2, 3), keepdims=True) / known.sum((2, 3), keepdims=True)
        return np.broadcast_to(mean, planes.shape).astype(np.float32)


class Peeping:
    """Gives back what it is shown, hole and all."""

    name = "peeping"
    precision: Precision = "fp32"

    def __call__(self, planes: Planes, hole: Planes) -> Planes:
        return planes


def _noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def _box(shape: tuple[int, int], top: int, left: int, tall: int, wide: int) -> Hole:
    hole = np.zeros(shape, np.bool_)
    hole[top : top + tall, left : left + wide] = True
    return hole


@st.composite
def _holes(draw: st.DrawFn) -> Hole:
    height, width = draw(st.integers(1, 120)), draw(st.integers(1, 120))
    seed, share = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([0.001, 0.02, 0.5, 0.99]))
    hole: Hole = np.random.default_rng(seed).random((height, width)) < share
    for _ in range(draw(st.integers(0, 3))):
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        hole |= _box(hole.shape, top, left, draw(st.integers(1, 120)), draw(st.integers(1, 120)))
    if hole.all():
        hole[draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))] = False
    return hole


@settings(max_examples=80)
@given(_holes())
def test_known_pixels_and_the_shape_stay_and_nothing_leaks_out_of_the_hole(hole: Hole) -> None:
    image = _noise(*hole.shape)
    other = np.where(hole[:, :, None], 255 - image, image)
    before, mask = image.copy(), hole.copy()
    painted = paint_any_size(
        Mean(), image, hole, working_size_px=WORKING_SIZE_PX, size_multiple=SIZE_MULTIPLE
    )
    assert painted.shape == image.shape
    assert painted.dtype == np.uint8
    np.testing.assert_array_equal(painted[~hole], image[~hole])
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(hole, mask)
    again = paint_any_size(Mean(), other, hole, working_size_px=WORKING_SIZE_PX, size_multiple=SIZE_MULTIPLE)
    np.testing.assert_array_equal(again, painted)


@settings(max_examples=80)
@given(_holes())
def test_the_parts_hold_each_hole_pixel_once_and_lie_in_what_is_seen(hole: Hole) -> None:
    times = np.zeros(hole.shape, int)
    for part, seen in plan_crops(hole, working_size_px=WORKING_SIZE_PX):
        times[part.slices] += 1
        assert 0 <= seen.top <= part.top < part.bottom <= seen.bottom <= hole.shape[0]
        assert 0 <= seen.left <= part.left < part.right <= seen.right <= hole.shape[1]
        assert not hole[seen.slices].all()
    assert times.max(initial=0) <= 1
    assert (times[hole] == 1).all()


@settings(max_examples=80)
@given(_holes())
def test_there_are_no_more_crops_than_the_area_around_the_holes_asks_for(hole: Hole) -> None:
    crops = plan_crops(hole, working_size_px=WORKING_SIZE_PX)
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    tall, wide = (int(np.ptp(lines)) + 1 if len(lines) else 0 for lines in (rows, columns))
    squares = -(-4 * tall * wide // WORKING_SIZE_PX**2)
    strips = -(-tall // 28) * -(-wide // 28)  # seven eighths of the working size
    assert len(crops) <= max(squares, strips)
    if max(hole.shape) <= WORKING_SIZE_PX:
        assert len(crops) == hole.any()


@pytest.mark.parametrize("shape", [(256, 256), (200, 152), (37, 256)])
@pytest.mark.parametrize("bin", [1, 2, 3, 4])
def test_a_picture_no_larger_than_the_working_size_is_seen_whole_and_once(
    shape: tuple[int, int], bin: int
) -> None:
    for index in range(10):
        hole = irregular_mask(seed=1, index=index, height=shape[0], width=shape[1], bin=bin)
        (crop,) = plan_crops(hole, working_size_px=256)
        assert crop.seen == (0, 0, *shape)


@settings(max_examples=40)
@given(_holes(), st.integers(0, 255))
def test_a_picture_of_one_colour_is_restored_exactly(hole: Hole, level: int) -> None:
    image = np.full((*hole.shape, 3), level, np.uint8)
    damaged = np.where(hole[:, :, None], np.uint8(255 - level), image)
    painted = paint_any_size(
        Mean(), damaged, hole, working_size_px=WORKING_SIZE_PX, size_multiple=SIZE_MULTIPLE
    )
    np.testing.assert_array_equal(painted, image)


def test_an_empty_hole_costs_nothing_and_gives_a_copy() -> None:
    image = _noise(40, 50)
    engine = Mean()
    painted = paint_any_size(
        engine,
        image,
        np.zeros((40, 50), np.bool_),
        working_size_px=WORKING_SIZE_PX,
        size_multiple=SIZE_MULTIPLE,
    )
    np.testing.assert_array_equal(painted, image)
    assert painted is not image
    assert not engine.holes


def test_a_picture_without_known_pixels_is_refused() -> None:
    with pytest.raises(InputError, match=r"every pixel.*invert"):
        paint_any_size(
            Mean(),
            _noise(8, 8),
            np.ones((8, 8), np.bool_),
            working_size_px=WORKING_SIZE_PX,
            size_multiple=SIZE_MULTIPLE,
        )


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (1, 5000), (5000, 1), (3, 1000), (32, 32), (33, 31)])
@pytest.mark.parametrize("known", ["first", "last", "some"])
def test_odd_shapes_are_painted(shape: tuple[int, int], known: str) -> None:
    hole = np.ones(shape, np.bool_)
    hole.flat[{"first": 0, "last": -1, "some": hole.size // 3}[known]] = False
    image = _noise(*shape)
    painted = paint_any_size(
        Mean(), image, hole, working_size_px=WORKING_SIZE_PX, size_multiple=SIZE_MULTIPLE
    )
    np.testing.assert_array_equal(painted[~hole], image[~hole])
    assert np.abs(painted[hole].astype(int) - image[~hole][0]).max() <= 1


def test_small_holes_are_seen_in_full_resolution_and_land_where_they_were() -> None:
    image = _noise(200, 300)
    hole = (
        _box((200, 300), 3, 4, 10, 15) | _box((200, 300), 120, 200, 20, 9) | _box((200, 300), 199, 299, 1, 1)
    )
    painted = paint_any_size(Peeping(), image, hole, working_size_px=64, size_multiple=SIZE_MULTIPLE)
    np.testing.assert_array_equal(painted, image)


def test_large_holes_are_reduced_and_land_where_they_were() -> None:
    rows, columns = np.mgrid[0:300, 0:400]
    image = np.stack([rows * 0.8, columns * 0.6, (rows + columns) * 0.3], axis=2).astype(np.uint8)
    painted = paint_any_size(
        Peeping(), image, _box((300, 400), 70, 90, 110, 130), working_size_px=64, size_multiple=SIZE_MULTIPLE
    )
    assert np.abs(painted.astype(int) - image).max() <= 3


def test_a_solid_hole_is_seen_with_twice_its_extent_in_one_piece() -> None:
    (crop,) = plan_crops(_box((3000, 4000), 1000, 1500, 400, 300), working_size_px=256)
    assert crop.part == (1000, 1500, 1400, 1800)
    assert crop.seen == (850, 1300, 1550, 2000)  # 400 px, and 300 px for the thickness


def test_a_crop_moves_inwards_at_the_edge_of_the_picture() -> None:
    (crop,) = plan_crops(_box((300, 500), 290, 0, 10, 10), working_size_px=256)
    assert crop.seen == (172, 0, 300, 128)


def test_specks_share_crops() -> None:
    hole = np.random.default_rng(0).random((512, 512)) < 0.004  # about a thousand
    crops = plan_crops(hole, working_size_px=256)
    assert len(crops) <= 16
    assert _all_in_full_resolution(crops)


def test_a_long_scratch_is_painted_in_pieces_of_full_resolution() -> None:
    crops = plan_crops(_box((600, 4000), 300, 0, 5, 4000), working_size_px=256)
    assert 16 <= len(crops) <= 40
    assert _all_in_full_resolution(crops)


def test_holes_far_apart_do_not_share_a_crop() -> None:
    hole = _box((2000, 2000), 10, 10, 60, 60) | _box((2000, 2000), 1900, 1900, 60, 60)
    crops = plan_crops(hole, working_size_px=256)
    assert len(crops) == 2
    assert _all_in_full_resolution(crops)


def test_what_one_crop_has_painted_is_known_to_the_next() -> None:
    hole = _box((64, 400), 30, 0, 3, 400)
    engine = Mean()
    paint_any_size(
        engine, _noise(64, 400), hole, working_size_px=WORKING_SIZE_PX, size_multiple=SIZE_MULTIPLE
    )
    first, second = engine.holes[0].mean(), engine.holes[1].mean()
    assert second < first


def test_the_number_of_crops_of_any_picture_is_bounded() -> None:
    hole = np.zeros((1, 2_000_000), np.bool_)
    hole[0, ::3] = True
    assert len(plan_crops(hole, working_size_px=256)) <= 128


def test_a_large_photograph_is_planned_in_moments() -> None:
    hole = _box((7000, 7000), 3000, 3000, 1500, 1000) | _box((7000, 7000), 100, 100, 3, 3)
    crops = plan_crops(hole, working_size_px=256)
    assert [crop.seen.extent_px for crop in crops] == [128, 2500]


def _all_in_full_resolution(crops: list[Crop]) -> bool:
    return all(crop.seen.extent_px <= 256 for crop in crops)


def test_a_picture_that_fits_is_seen_as_it_is() -> None:
    class Seeing(Peeping):
        seen: tuple[Planes, Planes]

        def __call__(self, planes: Planes, hole: Planes) -> Planes:
            self.seen = (planes, hole)
            return planes

    engine, image, hole = Seeing(), _noise(24, 21), _box((24, 21), 3, 4, 5, 16)
    paint_any_size(engine, image, hole, working_size_px=WORKING_SIZE_PX, size_multiple=SIZE_MULTIPLE)
    planes, mask = engine.seen
    assert planes.shape == (1, 3, 24, 24)
    np.testing.assert_array_equal(planes[0, :, :, :21], image.transpose(2, 0, 1) / np.float32(255))
    np.testing.assert_array_equal(mask[0, 0, :, :21], hole)
    np.testing.assert_array_equal(planes[..., 21:], planes[..., 17:20][..., ::-1])  # reflected, border once
    np.testing.assert_array_equal(mask[..., 21:], mask[..., 17:20][..., ::-1])


def test_progress_is_told_after_every_crop() -> None:
    hole = np.zeros((200, 300), np.bool_)
    hole[5:9, 5:9] = hole[180:190, 280:290] = True
    told: list[tuple[int, int]] = []
    paint_any_size(
        Mean(),
        _noise(200, 300),
        hole,
        working_size_px=WORKING_SIZE_PX,
        size_multiple=SIZE_MULTIPLE,
        progress=lambda done, total: told.append((done, total)),
    )
    crops = len(plan_crops(hole, working_size_px=WORKING_SIZE_PX))
    assert crops > 1
    assert told == [(number, crops) for number in range(1, crops + 1)]


@pytest.mark.parametrize(("side", "whole"), [(128, True), (160, False)])
def test_thick_holes_keep_the_networks_colours_where_it_sees_the_image_whole(side: int, whole: bool) -> None:
    image = np.random.default_rng(0).integers(60, 100, (side, side, 3), np.uint8)
    image[:, :24] = 250  # draws the mean, which the network paints, away from what is around the hole
    hole = np.zeros((side, side), np.bool_)
    hole[44:84, 44:84] = True
    painted = paint_any_size(
        Mean(128), image, hole, working_size_px=128, size_multiple=SIZE_MULTIPLE, texture=True
    )
    assert image[~hole].mean() > 105
    assert (painted[54:74, 54:74].mean() > 95) == whole, "around the hole it is 80"

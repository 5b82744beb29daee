from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from splpaint.cli.terminal import SOURCE_HELP
from splpaint.errors import InputError
from splpaint.images.arrays import Hole
from splpaint.masks.drawing import Segment, draw
from splpaint.masks.kinds import GENERATORS
from splpaint.masks.silhouettes import choose_silhouette, object_mask

numbers = st.integers(0, 2**32 - 1)
sides = st.integers(16, 72)


def _sha256(hole: Hole) -> str:
    return hashlib.sha256((hole * np.uint8(255)).tobytes()).hexdigest()


@pytest.fixture
def cut_out(tmp_path: Path) -> Path:
    """A grey arrow on a transparent ground: not its own mirror image."""
    pixels = np.zeros((90, 120, 4), np.uint8)
    pixels[20:80, 30:40] = pixels[20:30, 30:100] = (90, 90, 90, 255)
    Image.fromarray(pixels).save(tmp_path / "arrow.png")
    return tmp_path / "arrow.png"


@pytest.mark.parametrize(
    ("name", "square", "oblong"),
    [
        (
            "strokes",
            "0972af6bb5dadead9ca9756fc0ee6c561d4c9ba6688712f7cd8781a86bebfce0",
            "aae1929ae858dea7e834a41ab51dafe49b6beddcb2b738bcfb93dbb5f79355f8",
        ),
        (
            "thin",
            "8fed257f684a2e5c5cbefd50a84eefbc95dff7bfcc841b4cb701ea221c0c664f",
            "2be8de24f3137dbdcad1c14365499d57bbba037d2a12ca97b82cbafcd2f5191f",
        ),
        (
            "medium",
            "d067841e6ad36fd624a9d0adeb6ad59e5e6a7d78b4662c69fb6a05473a285034",
            "e00fbb4f63a130cefcf6968bb9b49956f91cdc1de1943702b61a91a7ffd60223",
        ),
        (
            "thick",
            "4cf8c2669a543083ac7d99f1186b7435d9e630277cbc896df8b985efe629b27d",
            "5b6381c2aeea72bf64247e4f1750e65dfa8b11f93c542b74b83c985542a92083",
        ),
        (
            "centre",
            "91c72d1b585944a92281fb129a7e407bfcd68639782d6185c9fe24f1c5903481",
            "9ad619ec5924638bcdd4eec2a42c0b0d3f478d11b5d3803b9935e0c567d59d82",
        ),
        (
            "half",
            "3494849570a1572e721ef0792d95ae4214f525f12c92080ca8a1718c5a18ac6b",
            "84768c91478739341709de10b2e057fcc9326ecd9ff1c32537617fe256074206",
        ),
        (
            "outpaint",
            "38ddafa73b8231c73d729bc66dce8a8f44e03dbc4d0a45247887e4411e80d884",
            "51428e5877a413acdf412afea05adc11e064a42070cd51bd614b34318e027091",
        ),
    ],
)
def test_these_masks_have_these_pixels_on_every_machine(name: str, square: str, oblong: str) -> None:
    generator = GENERATORS[name]
    assert _sha256(generator(seed=0, index=0)) == square
    assert _sha256(generator(seed=2021, index=41, height=300, width=171)) == oblong


def test_the_mixture_holds_two_irregular_masks_a_thick_one_and_a_box() -> None:
    parts = [("irregular", 6), ("irregular", 7), ("thick", 3), ("box", 3)]
    for place, (name, index) in enumerate(parts):
        mixed = GENERATORS["mixed"](seed=5, index=4 * 3 + place, height=40, width=50)
        np.testing.assert_array_equal(mixed, GENERATORS[name](seed=5, index=index, height=40, width=50))


def test_this_silhouette_lies_here_on_every_machine(cut_out: Path) -> None:
    assert (
        _sha256(object_mask(cut_out, seed=0, index=0))
        == "9868085c2126e5f31c798fbb976d9894ba4a3c784f3a4f5138647c47af4b54ec"
    )
    assert (
        _sha256(object_mask(cut_out, seed=2021, index=41, height=300, width=171))
        == "ed64ec9a20be0bdb61630de819ed0adf6d216b53f6d2b82db444d13260b75dcc"
    )


@pytest.mark.parametrize("name", sorted(GENERATORS))
@settings(max_examples=25)
@given(seed=numbers, index=numbers, height=sides, width=sides)
def test_a_mask_of_any_size_is_pure_and_has_a_hole(
    name: str, seed: int, index: int, height: int, width: int
) -> None:
    hole = GENERATORS[name](seed=seed, index=index, height=height, width=width)
    assert hole.shape == (height, width)
    assert hole.dtype == np.bool_
    assert hole.flags.c_contiguous
    assert 0 < hole.mean() < 1
    again = GENERATORS[name](seed=seed, index=index, height=height, width=width)
    np.testing.assert_array_equal(again, hole)


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_numbers_out_of_range_are_refused(name: str) -> None:
    for wrong, message in (
        ({"seed": -1}, "mask seed"),
        ({"index": 2**32}, "mask index"),
        ({"height": 15}, "16x16"),
    ):
        with pytest.raises(InputError, match=message):
            GENERATORS[name](**({"seed": 0, "index": 0} | wrong))


@pytest.mark.parametrize("name", sorted(set(GENERATORS) - {"centre", "half"}))
def test_masks_of_one_sequence_differ(name: str) -> None:
    assert len({_sha256(GENERATORS[name](seed=5, index=i, height=64, width=64)) for i in range(60)}) > 50


@given(
    x=st.integers(-400, 800),
    y=st.integers(-400, 800),
    to_x=st.integers(-400, 800),
    to_y=st.integers(-400, 800),
    radius=st.integers(12, 200),
)
def test_a_segment_covers_what_is_as_near_as_its_radius(
    x: int, y: int, to_x: int, to_y: int, radius: int
) -> None:
    mask = np.zeros((24, 31), np.bool_)
    draw([Segment(x, y, x, y, radius), Segment(x, y, to_x, to_y, radius)], mask)

    start, along = np.array([x, y], float), np.array([to_x - x, to_y - y], float)
    centres = np.stack(np.meshgrid(16 * np.arange(31.0) + 8, 16 * np.arange(24.0) + 8), axis=-1)
    length = max(float(along @ along), 1e-9)
    nearest = np.clip((centres - start) @ along / length, 0, 1)[..., None] * along + start
    distance = np.linalg.norm(centres - nearest, axis=-1)
    certain = np.abs(distance - radius) > 1e-3
    # The integer arithmetic rounds the breadth down by less than one unit of the grid.
    assert mask[certain & (distance < radius - 1)].all()
    assert not mask[certain & (distance > radius)].any()


def test_lama_masks_cover_at_most_half_and_get_broader_from_thin_to_thick() -> None:
    def radius_px(hole: Hole) -> float:
        """Mean distance of hole pixels to the nearest known one along a row or column, as runs of pixels."""
        changes = np.count_nonzero(np.diff(hole.astype(np.int8), axis=1)) + hole.shape[0]
        return float(hole.sum() / changes)

    means = []
    for name in ("thin", "medium", "thick"):
        holes = [GENERATORS[name](seed=1, index=index) for index in range(40)]
        assert max(hole.mean() for hole in holes) <= 0.5
        means.append(np.mean([radius_px(hole) for hole in holes]))
    assert means[0] < means[1] < means[2]


@pytest.mark.parametrize("name", ["strokes", "thin", "medium", "thick"])
def test_a_larger_picture_gets_the_same_share_of_holes(name: str) -> None:
    shares = [
        np.mean([GENERATORS[name](seed=3, index=i, height=side, width=side).mean() for i in range(30)])
        for side in (128, 512)
    ]
    assert shares[0] == pytest.approx(shares[1], rel=0.15)


def test_the_centre_is_a_square_of_half_the_shorter_side() -> None:
    expected = np.zeros((40, 61), np.bool_)
    expected[10:30, 20:40] = True
    np.testing.assert_array_equal(GENERATORS["centre"](seed=9, index=9, height=40, width=61), expected)


def test_half_is_each_of_the_four_halves() -> None:
    holes = [GENERATORS["half"](seed=0, index=index, height=20, width=31) for index in range(40)]
    corners = {(bool(h[0, 0]), bool(h[0, -1]), bool(h[-1, 0]), bool(h[-1, -1])) for h in holes}
    assert len(corners) == 4
    assert {int(hole.sum()) for hole in holes} == {20 * 15, 10 * 31}


def test_outpainting_leaves_a_rectangle_within_and_takes_the_whole_border() -> None:
    for index in range(20):
        known = ~GENERATORS["outpaint"](seed=0, index=index, height=64, width=96)
        rows, columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
        assert known.sum() == len(rows) * len(columns)
        assert (rows[0] >= 4, rows[-1] < 60, columns[0] >= 6, columns[-1] < 90) == (True,) * 4


# --- silhouettes


def test_a_silhouette_is_whole_within_the_picture_and_mirrored_half_of_the_time(cut_out: Path) -> None:
    mirrored = 0
    for index in range(40):
        hole = object_mask(cut_out, seed=4, index=index, height=64, width=80)
        rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
        height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert 16 <= max(height, width) <= 48
        assert height / width == pytest.approx(60 / 70, rel=0.1)
        mirrored += bool(hole[rows[-1], columns[-1]])
        np.testing.assert_array_equal(object_mask(cut_out, seed=4, index=index, height=64, width=80), hole)
    assert 10 < mirrored < 30


def test_a_picture_without_transparency_is_read_as_a_mask(cut_out: Path, tmp_path: Path) -> None:
    Image.open(cut_out).getchannel("A").save(tmp_path / "mask.png")
    np.testing.assert_array_equal(
        object_mask(tmp_path / "mask.png", seed=0, index=3), object_mask(cut_out, seed=0, index=3)
    )


def test_every_silhouette_is_chosen(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.png" for number in range(3)]
    assert {choose_silhouette(files, seed=0, index=index) for index in range(30)} == set(files)
    with pytest.raises(InputError, match="at least one cut-out picture"):
        choose_silhouette([], seed=0, index=0)


@pytest.mark.parametrize("alpha", [0, 255])
def test_a_cut_out_that_is_empty_or_full_is_refused(alpha: int, tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (9, 9, 9, alpha)).save(tmp_path / "plain.png")
    with pytest.raises(InputError, match=r"expected a cut-out .* got .*plain\.png"):
        object_mask(tmp_path / "plain.png", seed=0, index=0)


def test_the_help_of_every_command_that_takes_masks_names_every_kind() -> None:
    named = re.search(r"A kind that is drawn \((.*?)\)", SOURCE_HELP)
    assert named is not None
    assert set(named[1].split(", ")) == set(GENERATORS)

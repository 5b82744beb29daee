from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splpaint.errors import InputError
from splpaint.masks.kinds.generators import GENERATORS
from tests.masks.kinds.digest import sha256_of

numbers = st.integers(0, 2**32 - 1)
sides = st.integers(16, 72)


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
        (
            "scratches",
            "60a339ba598a51f23190ef8ab6758b7b325349533f5c4a97aa923af192681ed5",
            "96ea9fea69096db887e2b76406f915b97e83fdb860036301ccc13c9a0196f66a",
        ),
        (
            "blob-tenth",
            "2e4c33ee52968603c740fdc6700cb52506d04b1f61238c488c225f87d5205edb",
            "a9d0d867fdf1ccc8ec8171b703cb43fdfd66d5c346375612245ceca0996675ac",
        ),
        (
            "blob-quarter",
            "12427f56823cf019b9a8d6cfda60b766b9a18d81f1b75e6a8e9b26d06d34f462",
            "ee478fada9bb8fbe602bbcb1c3d69a69292ba998e8bc20aeb9c51f4c2c74d0ae",
        ),
        (
            "text",
            "c92712ce3f6fdca90f7dde080b9fdeea93a334aeeef607ebb15f93acbd621857",
            "195bafe42a21b5eb0e48d3bff9019de8747d34bf41dbd092515eabf975f38634",
        ),
    ],
)
def test_these_masks_have_these_pixels_on_every_machine(name: str, square: str, oblong: str) -> None:
    generator = GENERATORS[name]
    assert sha256_of(generator(seed=0, index=0)) == square
    assert sha256_of(generator(seed=2021, index=41, height=300, width=171)) == oblong


def test_the_mixture_holds_two_irregular_masks_a_thick_one_and_a_box() -> None:
    parts = [("irregular", 6), ("irregular", 7), ("thick", 3), ("box", 3)]
    for place, (name, index) in enumerate(parts):
        mixed = GENERATORS["mixed"](seed=5, index=4 * 3 + place, height=40, width=50)
        np.testing.assert_array_equal(mixed, GENERATORS[name](seed=5, index=index, height=40, width=50))


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
    assert len({sha256_of(GENERATORS[name](seed=5, index=i, height=64, width=64)) for i in range(60)}) > 50


@pytest.mark.parametrize("name", ["strokes", "thin", "medium", "thick"])
def test_a_larger_picture_gets_the_same_share_of_holes(name: str) -> None:
    shares = [
        np.mean([GENERATORS[name](seed=3, index=i, height=side, width=side).mean() for i in range(30)])
        for side in (128, 512)
    ]
    assert shares[0] == pytest.approx(shares[1], rel=0.15)

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.masks.kinds.silhouettes import choose_silhouette, object_mask
from tests.masks.kinds.digest import sha256_of


@pytest.fixture
def cut_out(tmp_path: Path) -> Path:
    """A grey arrow on a transparent ground: not its own mirror image."""
    pixels = np.zeros((90, 120, 4), np.uint8)
    pixels[20:80, 30:40] = pixels[20:30, 30:100] = (90, 90, 90, 255)
    Image.fromarray(pixels).save(tmp_path / "arrow.png")
    return tmp_path / "arrow.png"


def test_this_silhouette_lies_here_on_every_machine(cut_out: Path) -> None:
    assert (
        sha256_of(object_mask(cut_out, seed=0, index=0))
        == "9868085c2126e5f31c798fbb976d9894ba4a3c784f3a4f5138647c47af4b54ec"
    )
    assert (
        sha256_of(object_mask(cut_out, seed=2021, index=41, height=300, width=171))
        == "ed64ec9a20be0bdb61630de819ed0adf6d216b53f6d2b82db444d13260b75dcc"
    )


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

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from splpaint.errors import InputError
from splpaint.evaluation.deep import EfficientNetDistance, open_deep
from splpaint.evaluation.deep_measures import PAIR_MEASURES, SET_MEASURES
from splpaint.evaluation.measures import Sample
from tests.evaluation.deep.conftest import Publish, noise

MANY = 100_000


@pytest.mark.parametrize("name", sorted({*PAIR_MEASURES, *SET_MEASURES} - {"effnet", "frechet-effnet"}))
def test_missing_weights_leave_a_measure_out_and_say_how_to_get_them(name: str) -> None:
    opened = open_deep([name], pairs=MANY)
    assert (opened.measures, opened.sets, opened.networks, opened.weights) == ((), (), {}, {})
    assert "get https://" in opened.left_out[name]
    assert ".pth" in opened.left_out[name]


@pytest.mark.parametrize(
    ("name", "least"),
    [("fid", 2_048), ("fid-pytorch", 2_048), ("frechet-effnet", 2_048), ("p-ids", 5_000), ("u-ids", 5_000)],
)
def test_distances_of_small_sets_are_left_out(name: str, least: int) -> None:
    reason = open_deep([name], pairs=least - 1).left_out[name]
    assert f"at least {least:,} pairs, got {least - 1:,}" in reason
    assert "at least" not in open_deep([name], pairs=least).left_out.get(name, "")


def test_what_works_offline_is_opened_and_names_its_weights() -> None:
    opened = open_deep(["effnet", "frechet-effnet", "fid"], pairs=MANY)
    assert opened.sets == ("frechet-effnet",)
    image = noise(0)
    grey, hole = np.full_like(image, 128), image[..., 0] > 99
    (measure,) = opened.measures
    assert measure.of(Sample(grey, image, hole)) == EfficientNetDistance()(grey, image, hole) > 0
    assert opened.networks["efficientnet-lite0"].dimensions == 1280
    assert "SHA-256 579344248a93" in opened.weights["effnet"]
    assert opened.weights["effnet"] == opened.weights["frechet-effnet"]
    assert list(opened.left_out) == ["fid"]


def test_weights_of_another_checksum_are_not_used(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "alexnet-owt-7be5be79.pth")
    reason = open_deep(["lpips-alex"], pairs=1, weights=tmp_path).left_out["lpips-alex"]
    assert "must have a SHA-256 that begins with 7be5be79, got" in reason


def test_a_given_folder_goes_before_the_cache(publish: Publish, tmp_path: Path, caches: Path) -> None:
    torch.save({}, caches / "vgg16-397923af.pth")
    publish("vgg16", {}, tmp_path)
    reason = open_deep(["lpips-vgg"], pairs=1, weights=tmp_path).left_out["lpips-vgg"]
    assert "must hold the weights of this network" in reason
    with pytest.raises(InputError, match="`weights` must be a folder"):
        open_deep(["lpips-vgg"], pairs=1, weights=tmp_path / "none")


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        InputError, match=r"lpips-alex, .*frechet:NETWORK, got 'lpips-alx'; did you mean lpips-alex"
    ):
        open_deep(["lpips-alx"], pairs=1)


def test_torch_s_number_of_threads_comes_back() -> None:
    before = torch.get_num_threads()
    with open_deep(["frechet-effnet"], pairs=MANY).single_threaded():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before

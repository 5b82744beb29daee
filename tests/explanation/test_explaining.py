"""What is drawn: the model's prior, beside the feature of the true picture, if its pretext network is at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from splpaint.errors import InputError, ModelError
from splpaint.explanation.explaining import _similarity, explain
from splpaint.images import Hole, Pixels
from splpaint.inference.models import BUNDLED
from splpaint.networks import SPLConfig, build_generator, save_model
from splpaint.notices import collected
from tests.oracle_weights import asl_checkpoint, asl_weights
from tests.small_model import SMALL, small_generator

TINY_SPL = SPLConfig(
    channels=(8, 8, 16),
    trunk_dilations=(2,),
    spade_channels=8,
    learner_channels=(8, 8, 8, 16),
    dense_blocks=1,
    dense_growth=4,
    dense_depth=2,
    recover_blocks=1,
    working_size_px=64,
)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the figure is given."""
    given: dict[str, Any] = {}

    def draw(image: Pixels, hole: Hole, **maps: Any) -> Image.Image:
        given.update(maps, image=image, hole=hole)
        return Image.fromarray(image)

    monkeypatch.setattr("splpaint.explanation.explaining.draw_explanation", draw)
    return given


def _picture(height: int = 90, width: int = 130) -> tuple[Pixels, Hole]:
    image = np.random.default_rng(0).integers(0, 256, (height // 10, width // 10, 3), np.uint8)
    hole = np.zeros((height, width), np.bool_)
    hole[30:60, 40:70] = True
    return np.asarray(Image.fromarray(image).resize((width, height))), hole


@pytest.fixture(scope="module")
def spl_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "spl"
    torch.manual_seed(0)
    save_model(folder, build_generator(TINY_SPL), TINY_SPL, name="spl")
    return folder


def test_the_prior_sees_nothing_of_the_hole_and_the_feature_all(drawn: dict[str, Any]) -> None:
    image, hole = _picture()
    explain(image, hole, BUNDLED["compact"])
    first = dict(drawn)
    assert list(first["colours"]) == list(first["regions"]) == ["prior", "true feature"]
    assert (
        first["regions"]["prior"].shape == first["touched"].shape == (24, 32)
    )  # 192x256, 90:130 in multiples
    assert first["painted"].shape == (192, 256, 3)

    changed = image.copy()
    changed[35:55, 45:65] = (
        255 - changed[35:55, 45:65]
    )  # well inside: resizing blends it with none of the known
    explain(changed, hole, BUNDLED["compact"])
    assert np.array_equal(drawn["painted"], first["painted"])
    before, after = first["similarity"], drawn["similarity"]
    assert before.hidden != after.hidden
    assert abs(before.known - after.known) < 0.05


def test_without_the_weights_of_its_pretext_network_the_prior_is_drawn_alone(
    drawn: dict[str, Any], spl_folder: Path
) -> None:
    with collected() as notes:
        explain(*_picture(), spl_folder)
    assert [note.partition(";")[0] for note in map(str, notes)] == [
        "the pretext network's feature is left out: the weights of tresnet_l are not at hand"
    ]
    assert list(drawn["colours"]) == ["prior"]
    assert drawn["similarity"] is None


def test_the_paper_s_pretext_network_is_taken_from_its_file(
    drawn: dict[str, Any], spl_folder: Path, tmp_path: Path
) -> None:
    file = asl_checkpoint(tmp_path / "asl.pth", asl_weights()).weights
    assert isinstance(file, Path)
    explain(*_picture(), spl_folder, pretext_weights=file)
    assert list(drawn["regions"]) == ["prior", "true feature"]
    assert (
        drawn["similarity"].cells.shape == drawn["regions"]["prior"].shape == (12, 16)
    )  # 48x64 in cells of 4


def test_another_network_s_feature_is_refused(tmp_path: Path) -> None:
    save_model(tmp_path, small_generator(), SMALL, name="small")
    with pytest.raises(ModelError, match=r"whose feature is \(12, .*, got one of \(112, "):
        explain(*_picture(), tmp_path)


def test_likeness_is_the_mean_cosine_of_cells_weighted_by_what_is_hidden_of_them() -> None:
    prior = np.random.default_rng(0).standard_normal((5, 2, 2), np.float32)
    feature = prior * np.array([[2, 1], [-1, 3]], np.float32)
    hidden = np.array([[0.5, 0], [1, 0]], np.float32)
    cells, in_hole, elsewhere = _similarity(prior, feature, hidden)
    np.testing.assert_allclose(cells, [[1, 1], [-1, 1]], rtol=1e-5)
    assert in_hole == pytest.approx((0.5 - 1) / 1.5)
    assert elsewhere == pytest.approx(1)
    assert _similarity(prior, feature, 0 * hidden).hidden is None


def test_a_hole_that_is_empty_or_everything_is_told_as_in_painting(
    drawn: dict[str, Any], spl_folder: Path
) -> None:
    image, hole = _picture()
    with collected() as notes:
        explain(image, np.zeros_like(hole), spl_folder)
    assert str(notes[0]).startswith(
        "the mask marks nothing: the network sees all of the picture; if black and white"
    )
    assert not drawn["touched"].any()
    with pytest.raises(InputError, match="leave some of the picture, got one that marks every pixel"):
        explain(image, np.ones_like(hole), spl_folder)
    image, hole = _picture(360, 520)
    lattice = np.indices(hole.shape).sum(axis=0) % 2 == 0
    with (
        collected(),
        pytest.raises(InputError, match="that the network sees, got one that touches all of them"),
    ):
        explain(image, lattice, spl_folder)


def test_the_networks_see_no_frame(drawn: dict[str, Any]) -> None:
    # A pattern that goes on as it is mirrored: what lies at the edge must look as it does one period inwards.
    wave = np.cos(np.arange(256.0) * 2 * np.pi / 32 + np.pi / 32)
    levels = np.rint(127 + 60 * wave[:, None] * wave).astype(np.uint8)
    with collected():
        explain(np.repeat(levels[..., None], 3, axis=2), np.zeros((256, 256), np.bool_), BUNDLED["compact"])
    for colours in drawn["colours"].values():
        shown = colours.astype(int)
        for edge, inner in (
            (0, 4),
            (-1, -5),
        ):  # 1.2 levels apart where they were measured; without a margin 56
            assert np.abs(shown[edge] - shown[inner]).mean() < 5
            assert np.abs(shown[:, edge] - shown[:, inner]).mean() < 5

"""The patch discriminator, against the authors' scores and in its own power iteration."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from splpaint.networks.discriminator import PatchDiscriminator
from splpaint.networks.published import read_published
from tests.oracle_weights import load_oracle

pytestmark = pytest.mark.numeric


def test_discriminator_scores_equal_the_authors(published_file: Path) -> None:
    oracle = load_oracle("spl_discriminator_64")
    weights = read_published(published_file).discriminator
    assert weights is not None
    discriminator = PatchDiscriminator()
    discriminator.load_state_dict(weights)
    with torch.inference_mode():
        scores = discriminator.eval()(oracle["image"])
        exact = discriminator.double()(oracle["image"].double())
    torch.testing.assert_close(exact, oracle["score"].double(), atol=1e-6, rtol=0)  # theirs is 5e-8 off
    torch.testing.assert_close(scores.double(), exact, atol=2e-6, rtol=0)  # 1.2e-7 with AVX2 and SSE4.1


def test_the_vectors_of_spectral_normalisation_iterate_in_training_only() -> None:
    torch.manual_seed(0)
    discriminator = PatchDiscriminator((4, 4, 4, 4))
    image = torch.rand(1, 3, 64, 64)
    before = {name: value.clone() for name, value in discriminator.named_buffers()}
    discriminator.eval()(image)
    assert all(torch.equal(value, before[name]) for name, value in discriminator.named_buffers())
    for _ in range(100):
        discriminator.train()(image)
    matrix = discriminator.convs[1].get_parameter("weight").flatten(1)
    left, right = (discriminator.convs[1].get_buffer(name) for name in ("left", "right"))
    torch.testing.assert_close(left @ matrix @ right, torch.linalg.matrix_norm(matrix, 2), rtol=1e-3, atol=0)

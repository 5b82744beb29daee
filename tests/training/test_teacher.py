from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from splpaint.errors import ModelError
from splpaint.inference.models import BUNDLED
from splpaint.networks import load_model
from splpaint.training.teacher import load_teacher
from tests.foreign_model import SMALL, add_by_hand, painted_by_hand

CPU = torch.device("cpu")


def _pictures(side_px: int) -> tuple[torch.Tensor, torch.Tensor]:
    image = torch.rand(2, 3, side_px, side_px, generator=torch.Generator().manual_seed(0))
    hole = torch.zeros(2, 1, side_px, side_px)
    hole[0, :, 10:30, 20:40], hole[1, :, 40:50] = 1, 1
    return image, hole


def test_a_model_of_ours_teaches_what_its_network_paints() -> None:
    image, hole = _pictures(64)
    taught = load_teacher(Path("compact"), CPU)(image, hole)
    with torch.inference_mode():
        painted = load_model(BUNDLED["compact"])[0](image, hole).painted.clamp(0, 1)
    # Measured 5e-9 in float32, 1.3e-4 in bf16, which a teacher with AMX runs in.
    assert float((taught - painted).abs().mean()) < 1e-3
    assert not taught.requires_grad


def test_a_foreign_model_of_one_size_teaches_at_its_own(tmp_path: Path) -> None:
    contract = next(each for each in SMALL.values() if each.fixed_size)
    teach = load_teacher(add_by_hand(tmp_path / "foreign", contract), CPU)
    image, hole = _pictures(64)
    wanted = [painted_by_hand(contract, image[n : n + 1].numpy(), hole[n : n + 1].numpy()) for n in range(2)]
    np.testing.assert_allclose(teach(image, hole).numpy(), np.concatenate(wanted), atol=2 / 255)
    larger = teach(*(each.repeat_interleave(2, 2).repeat_interleave(2, 3) for each in (image, hole)))
    assert larger.shape == (2, 3, 128, 128)
    shrunk = torch.nn.functional.avg_pool2d(larger, 2).numpy()
    apart = np.abs(shrunk - np.concatenate(wanted))
    assert float(apart[np.broadcast_to(hole.numpy() == 1, apart.shape)].mean()) < 0.05


def test_a_mistyped_teacher_is_answered_with_the_models_that_there_are() -> None:
    with pytest.raises(ModelError, match=r"must be one of .*compact.* got 'compcat'"):
        load_teacher(Path("compcat"), CPU)

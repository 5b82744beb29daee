"""What ``--dry-run`` says, against what a run then does."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from splpaint.errors import InputError, ModelError
from splpaint.networks import build_generator
from splpaint.training.objective import generator_objective
from splpaint.training.recipes import load_recipe
from splpaint.training.rehearsal import _activation_bytes, _build, dry_run
from tests.tiny_run import BEYOND_THE_PAPER, configured


def test_a_dry_run_prints_a_recipe_that_gives_the_same_run(tmp_path: Path, photographs: Path) -> None:
    config = configured(photographs, tmp_path / "run é", "run.images=9", f"data.val={photographs}")
    lines: list[str] = []
    dry_run(config, lines.append)
    assert not (tmp_path / "run é").exists()
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("\n".join(lines), "utf-8")
    assert load_recipe(str(recipe)) == config
    parameters = sum(each.numel() for each in build_generator(config.generator).parameters())
    told = "\n".join(lines)
    assert "# 3 images per epoch, 2 steps of 2\n# 9 images in all: 5 steps, 3.0 epochs\n" in told
    assert f"# {parameters:,} parameters of the generator" in told
    assert "# 3 photographs for validation, of which 3 are used" in told


def test_a_dry_run_refuses_what_the_run_would(tmp_path: Path, photographs: Path) -> None:
    with pytest.raises(InputError):
        dry_run(configured(tmp_path / "none", tmp_path / "run"), print)
    with pytest.raises(ModelError, match="got 'compcat'"):
        dry_run(configured(photographs, tmp_path / "run", *BEYOND_THE_PAPER, "loss.teacher=compcat"), print)


@pytest.mark.parametrize("losses", [(), ("loss.perceptual=0.3", "loss.adversarial=0.1")])
def test_the_estimate_of_activations_is_what_the_objective_really_keeps(
    tmp_path: Path, photographs: Path, losses: tuple[str, ...]
) -> None:
    config = configured(photographs, tmp_path / "run", *losses)
    networks = _build(config)
    image, hole = torch.rand(2, 3, 64, 64), torch.zeros(2, 1, 64, 64)
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if not isinstance(tensor, torch.nn.Parameter):
            kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = networks.generator(image, hole)
        generator_objective(
            output,
            image,
            hole,
            config.loss,
            feature=output.prior.detach(),
            judge=networks.discriminator,
            perceive=getattr(networks.pretext, "stages", None),
        )
    really = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    assert _activation_bytes(networks, config) == pytest.approx(really, rel=0.1)

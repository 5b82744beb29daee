"""What a run would do, said before it begins: its recipe in full, its samples, its networks, its memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from splpaint.datasets import open_pictures
from splpaint.networks import PatchDiscriminator, build_generator, load_pretext
from splpaint.training.arithmetic import choose_arithmetic
from splpaint.training.config import TrainingConfig
from splpaint.training.objective import generator_objective
from splpaint.training.recipes import write_recipe
from splpaint.training.start import open_dataset
from splpaint.training.teacher import load_teacher

__all__ = ["dry_run"]

_LEARNT_COPIES = 4  # a weight, its gradient, Adam's two moments; the average of the generator's comes on top


class _Networks(NamedTuple):
    generator: nn.Module
    discriminator: nn.Module | None
    pretext: nn.Module | None


def dry_run(config: TrainingConfig, say: Callable[[str], object]) -> None:
    """Open what a run reads and build its networks, as the run would; nothing is written, no step is taken.

    Args:
        config: The whole run.
        say: Tells the user one line.

    Raises:
        InputError: There are no photographs or masks where the recipe says.
        ModelError: The weights of the pretext network are missing or do not fit.
    """
    for line in write_recipe(config).splitlines():
        say(line)
    count, batch_size = len(open_dataset(config).pictures), config.run.batch_size
    total = config.run.images or (config.run.epochs or 0) * count
    say(f"# {count:,} images per epoch, {-(-count // batch_size):,} steps of {batch_size}")
    say(f"# {total:,} images in all: {-(-total // batch_size):,} steps, {total / count:.1f} epochs")
    if config.data.val is not None:
        found = len(open_pictures(config.data.val))
        say(
            f"# {found:,} photographs for validation, of which {min(found, config.data.val_photographs):,} are used"
        )
    if config.loss.teacher is not None:
        load_teacher(config.loss.teacher, torch.device(config.run.device))
    networks = _build(config)
    for name, network in networks._asdict().items():
        if network is not None:
            say(f"# {_parameters(network):,} parameters of the {name}")
    weights, activations = _weight_bytes(networks), _activation_bytes(networks, config)
    say(
        f"# about {(weights + activations) / 1e9:.1f} GB of memory for a step on {choose_arithmetic(config.run)}: "
        f"{weights / 1e9:.1f} for weights and optimisers, {activations / 1e9:.1f} for activations"
    )


def _build(config: TrainingConfig) -> _Networks:
    loss = config.loss
    return _Networks(
        build_generator(config.generator),
        PatchDiscriminator(config.discriminator.channels) if loss.adversarial else None,
        load_pretext(config.pretext) if loss.distillation or loss.perceptual else None,
    )


def _parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _weight_bytes(networks: _Networks) -> int:
    learnt = _LEARNT_COPIES * (
        _parameters(networks.generator) + _parameters(networks.discriminator or nn.Module())
    )
    kept = _parameters(networks.generator) + _parameters(networks.pretext or nn.Module())
    return 4 * (learnt + kept)


def _activation_bytes(networks: _Networks, config: TrainingConfig) -> int:
    """What the generator's objective keeps for its gradient, found by shapes alone: nothing is computed."""
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        if not isinstance(tensor, nn.Parameter):
            kept[tensor.untyped_storage()._cdata] = tensor  # views share theirs
        return tensor

    side_px, batch_size = config.data.size_px, config.run.batch_size
    half = choose_arithmetic(config.run).precision != "fp32"
    with (
        FakeTensorMode(allow_non_fake_inputs=True),
        torch.autocast("cpu", torch.bfloat16, enabled=half),
        torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
    ):
        image = torch.empty(batch_size, 3, side_px, side_px)
        output = networks.generator(image, image[:, :1])
        generator_objective(
            output,
            image,
            image[:, :1],
            config.loss,
            feature=output.prior.detach(),
            judge=networks.discriminator,
            perceive=getattr(networks.pretext, "stages", None),
        )
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())

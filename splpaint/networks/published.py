"""The authors' checkpoints: their names and ours, read strictly.

A published file is the state dict of everything that was trained: the generator below ``generator.`` or
``generator.module.`` (saved by DistributedDataParallel), the discriminator below ``discriminator.`` likewise,
the pretext network, where it was built, below ``tresnet_xL_hold.``, and two scalars of the adversarial loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from splpaint.errors import ModelError
from splpaint.networks.build import build_generator
from splpaint.networks.checkpoints import read_torch_file
from splpaint.networks.config import SPLConfig
from splpaint.networks.discriminator import PatchDiscriminator

_LABELS = {"adversarial_loss.real_label": 1.0, "adversarial_loss.fake_label": 0.0}
_PRETEXT = "tresnet_xL_hold."
_MANY = 20

Table = dict[str, tuple[str, ...]]
"""Our name => their names, whose tensors are joined along the first axis."""


class PublishedCheckpoint(NamedTuple):
    """What was in a file, by our names, in float32.

    Attributes:
        generator: State dict of ``build_generator(SPLConfig())``.
        discriminator: State dict of ``PatchDiscriminator()``; None if the file has none.
    """

    generator: dict[str, Tensor]
    discriminator: dict[str, Tensor] | None


def read_published(path: Path) -> PublishedCheckpoint:
    """Read an authors' ``.pt`` file; code in it is not run.

    Raises:
        ModelError: Not such a file, or tensors are missing, surplus or of another shape; all are named.
    """
    tensors = _load(path)
    problems = [f"{key} is unexpected" for key in tensors if not _is_expected(key, tensors)]
    with torch.device("meta"):
        networks = {"generator": build_generator(SPLConfig()), "discriminator": PatchDiscriminator()}
    read: dict[str, dict[str, Tensor]] = {}
    for part, table in (("generator", generator_table()), ("discriminator", discriminator_table())):
        theirs = {key: value for key, value in tensors.items() if key.startswith(f"{part}.")}
        if theirs or part == "generator":
            wrong = _differences(theirs, table, networks[part], _prefix(theirs, part))
            problems += wrong
            read[part] = {} if wrong else _translate(theirs, table, _prefix(theirs, part))
    if problems:
        rest = f"; and {len(problems) - _MANY} more" if len(problems) > _MANY else ""
        raise ModelError(
            f"{path} must be a whole checkpoint of the published networks, but "
            f"{'; '.join(problems[:_MANY])}{rest}; get it again"
        )
    return PublishedCheckpoint(read["generator"], read.get("discriminator"))


def generator_table() -> Table:
    """Names of the generator's tensors."""
    config = SPLConfig()
    table: Table = {}
    for ours, theirs in _generator_layers(config):
        for kind in ("weight", "bias"):
            table[f"{ours}.{kind}"] = tuple(f"{name}.{kind}" for name in theirs)
    for i in range(len(config.channels)):
        for kind in ("foreground_gamma", "foreground_beta", "background_gamma", "background_beta"):
            table[f"image_generator.encoder_norms.{i}.{kind}"] = (f"encoder_in{i + 1}.{kind}",)
    for i in range(2):
        del table[f"image_generator.decoder_norms.{i}.importance.bias"]  # the one kind of layer without
    return table


def discriminator_table() -> Table:
    """Names of the discriminator's tensors, except for the first layer's second name ``features.0``."""
    kinds = {"weight": "weight_orig", "left": "weight_u", "right": "weight_v"}
    return {f"convs.{i}.{our}": (f"conv{i + 1}.0.{kind}",) for i in range(5) for our, kind in kinds.items()}


def _generator_layers(config: SPLConfig) -> Iterator[tuple[str, tuple[str, ...]]]:
    image, learner = "image_generator", "semantic_learner"
    for i in range(3):
        yield f"{image}.encoder.{i}", (f"encoder_conv{i + 1}",)
    for i in range(len(config.trunk_dilations)):
        ours, theirs = f"{image}.trunk.{i}", f"middle.{i}.conv_block"
        for spade, place in ((1, 0), (2, 4)):
            modulation = f"{ours}.spade{spade}.modulation"
            yield f"{modulation}.0", (f"{theirs}.{place}.mlp_shared.0",)
            yield f"{modulation}.2", (f"{theirs}.{place}.mlp_gamma", f"{theirs}.{place}.mlp_beta")
        yield f"{ours}.conv1", (f"{theirs}.3",)
        yield f"{ours}.conv2", (f"{theirs}.7",)
    for i, place in enumerate((0, 4)):
        yield f"{image}.decoder.{i}", (f"decoder.{place}",)
    for i, place in enumerate((2, 6)):
        norm = f"{image}.decoder_norms.{i}"
        yield f"{norm}.importance", (f"decoder.{place}.sa.conv1",)
        yield f"{norm}.gamma", (f"decoder.{place}.sa.gamma_conv",)
        yield f"{norm}.beta", (f"decoder.{place}.sa.beta_conv",)
    yield f"{image}.to_image", ("decoder.9",)

    for i in range(4):
        yield f"{learner}.encoder.{i}", (f"encoder_conv{i + 1}_sm",)
    yield f"{learner}.trunk.enter", ("encoder_sm_out",)
    for i in range(config.dense_blocks):
        for j in range(config.dense_depth):
            yield f"{learner}.trunk.blocks.{i}.dense.{j}", (f"rdbs.{i}.layers.{j}.conv",)
        yield f"{learner}.trunk.blocks.{i}.fuse", (f"rdbs.{i}.lff",)
    yield f"{learner}.trunk.fuse", ("gff.0",)
    yield f"{learner}.trunk.leave", ("gff.1",)
    for i in range(config.recover_blocks):
        yield f"{learner}.to_layout.{i}.conv1", (f"feature_recon.{i}.conv_block.1",)
        yield f"{learner}.to_layout.{i}.conv2", (f"feature_recon.{i}.conv_block.4",)
    yield f"{learner}.to_prior", ("feature_mapping",)


def _load(path: Path) -> dict[str, Tensor]:
    content = read_torch_file(path)
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise ModelError(f"{path} must hold tensors by name, got something else; is it an SPL checkpoint?")
    return content


def _is_expected(key: str, tensors: dict[str, Tensor]) -> bool:
    if key in _LABELS:
        return tensors[key].numel() == 1 and float(tensors[key]) == _LABELS[key]
    return key.startswith(("generator.", "discriminator.", _PRETEXT))


def _prefix(theirs: dict[str, Tensor], part: str) -> str:
    parallel = f"{part}.module."
    return parallel if 2 * sum(key.startswith(parallel) for key in theirs) > len(theirs) else f"{part}."


def _differences(theirs: dict[str, Tensor], table: Table, network: nn.Module, prefix: str) -> list[str]:
    shapes = {}
    for ours, value in network.state_dict().items():
        rows = value.shape[0] // len(table[ours])
        shapes.update({prefix + key: (rows, *value.shape[1:]) for key in table[ours]})
    first, again = f"{prefix}conv1.0.", f"{prefix}features.0."
    shapes.update(
        {key.replace(first, again): shape for key, shape in shapes.items() if key.startswith(first)}
    )
    problems = [f"{key} is missing" for key in sorted(shapes.keys() - theirs.keys())]
    problems += [f"{key} is unexpected" for key in sorted(theirs.keys() - shapes.keys())]
    problems += [
        f"{key} must be {shapes[key]}, got {tuple(theirs[key].shape)}"
        for key in sorted(shapes.keys() & theirs.keys())
        if shapes[key] != tuple(theirs[key].shape)
    ]
    return problems


def _translate(theirs: dict[str, Tensor], table: Table, prefix: str) -> dict[str, Tensor]:
    return {ours: torch.cat([theirs[prefix + key].float() for key in keys]) for ours, keys in table.items()}

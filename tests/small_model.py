"""A generator that is small enough for tests, with the parts of the bundled one."""

from __future__ import annotations

import torch
from torch import nn

from splpaint.networks.build import build_generator
from splpaint.networks.config import CompactConfig
from splpaint.networks.spl import SPL

SMALL = CompactConfig(
    stem_channels=(8, 8, 16),
    trunk_dilations=(1, 2),
    learner_channels=(8, 8, 16),
    learner_dilations=(1, 2),
    layout_channels=16,
    prior_channels=12,
    fill_levels=3,
)


def small_generator(seed: int = 0) -> SPL:
    torch.manual_seed(seed)
    generator = build_generator(SMALL)
    last = generator.get_parameter("image_generator.to_correction.weight")
    nn.init.normal_(last, std=0.1)  # a fresh one corrects nothing
    return generator.eval()

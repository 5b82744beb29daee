"""Configuration => network."""

from __future__ import annotations

from functools import partial

from splpaint.networks.config import CompactConfig, GeneratorConfig, SPLConfig
from splpaint.networks.image_generator import CompactImageGenerator, ImageGenerator
from splpaint.networks.initial_fill import paint_white, pull_push
from splpaint.networks.layers import ResidualDenseTrunk
from splpaint.networks.semantic_learner import CompactSemanticLearner, SemanticLearner
from splpaint.networks.spl import SPL


def build_generator(config: GeneratorConfig) -> SPL:
    """Build a generator with freshly initialised weights (PyTorch's defaults, RN's scales and shifts 0)."""
    if isinstance(config, CompactConfig):
        return _build_compact(config)
    return _build_spl(config)


def _build_spl(config: SPLConfig) -> SPL:
    trunk = ResidualDenseTrunk(
        config.learner_channels[-1],
        blocks=config.dense_blocks,
        growth=config.dense_growth,
        depth=config.dense_depth,
    )
    learner = SemanticLearner(
        config.learner_channels,
        trunk,
        recover_blocks=config.recover_blocks,
        prior_channels=config.prior_channels,
    )
    generator = ImageGenerator(
        config.channels,
        config.trunk_dilations,
        layout_channels=config.learner_channels[-1],
        spade_channels=config.spade_channels,
    )
    return SPL(learner, generator, fill=paint_white, size_multiple=config.size_multiple)


def _build_compact(config: CompactConfig) -> SPL:
    learner = CompactSemanticLearner(
        config.learner_channels,
        config.learner_dilations,
        layout_channels=config.layout_channels,
        prior_channels=config.prior_channels,
    )
    generator = CompactImageGenerator(
        config.stem_channels,
        config.trunk_dilations,
        layout_channels=config.layout_channels,
        detail_channels=config.detail_channels,
    )
    fill = partial(pull_push, levels=config.fill_levels, sweeps=config.fill_sweeps)
    return SPL(learner, generator, fill=fill, size_multiple=config.size_multiple)

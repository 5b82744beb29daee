"""Configuration => network."""

from __future__ import annotations

from splpaint.networks.config import CompactConfig
from splpaint.networks.image_generator import CompactImageGenerator
from splpaint.networks.semantic_learner import CompactSemanticLearner
from splpaint.networks.spl import CompactSPL


def build_generator(config: CompactConfig) -> CompactSPL:
    """Build a generator with freshly initialised weights."""
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
    return CompactSPL(learner, generator, fill_levels=config.fill_levels)

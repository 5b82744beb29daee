"""SPL: the semantic learner and the image generator, joined by the layout (Zhang et al. 2021, fig. 2)."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from splpaint.networks.image_generator import CompactImageGenerator
from splpaint.networks.initial_fill import pull_push
from splpaint.networks.semantic_learner import CompactSemanticLearner


class SPLOutput(NamedTuple):
    """What a generator gives.

    Attributes:
        painted: (B,3,H,W) raw prediction of the whole picture, about [0,1]; composite it with the known
            pixels.
        layout: (B,L,h,w).
        prior: (B,P,h,w), the predicted pretext feature.
    """

    painted: Tensor
    layout: Tensor
    prior: Tensor


class CompactSPL(nn.Module):
    """The ``compact`` generator: pull-push fill, semantic learner, image generator.

    Args:
        semantic_learner: Fill and hole to layout and prior.
        image_generator: Fill, hole and layout to the painted picture.
        fill_levels: Halvings of the pull-push fill.
    """

    def __init__(
        self,
        semantic_learner: CompactSemanticLearner,
        image_generator: CompactImageGenerator,
        *,
        fill_levels: int,
    ) -> None:
        super().__init__()
        self.semantic_learner = semantic_learner
        self.image_generator = image_generator
        self.fill_levels = fill_levels

    def forward(self, image: Tensor, hole: Tensor) -> SPLOutput:
        """Paint.

        Args:
            image: (B,3,H,W) in [0,1]; what it holds inside the hole is not looked at.
            hole: (B,1,H,W), exactly 0 or 1, 1 = missing.
        """
        filled = pull_push(image, hole, self.fill_levels)
        layout, prior = self.semantic_learner(filled, hole)
        return SPLOutput(self.image_generator(filled, hole, layout), layout, prior)

"""SPL: the semantic learner and the image generator, joined by the layout (Zhang et al. 2021, fig. 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn

from splpaint.errors import InputError

_LEAST_PX = 16  # layers pad by reflection, which needs some pixels


class SPLOutput(NamedTuple):
    """A generator's output.

    Attributes:
        painted: (B,3,H,W) raw prediction of the whole image, about [0,1]; composite it with the known
            pixels.
        layout: (B,L,h,w).
        prior: (B,P,h,w), the predicted pretext feature.
    """

    painted: Tensor
    layout: Tensor
    prior: Tensor


class SPL(nn.Module):
    """A generator of any size.

    Args:
        semantic_learner: Filled image and hole to layout and prior.
        image_generator: Filled image, hole and layout to the painted image.
        fill: The first fill: image and hole to filled image.
        size_multiple: Height and width in pixels must be multiples of this.
    """

    def __init__(
        self,
        semantic_learner: nn.Module,
        image_generator: nn.Module,
        *,
        fill: Callable[[Tensor, Tensor], Tensor],
        size_multiple: int,
    ) -> None:
        super().__init__()
        self.semantic_learner = semantic_learner
        self.image_generator = image_generator
        self.fill = fill
        self.size_multiple = size_multiple

    def forward(self, image: Tensor, hole: Tensor) -> SPLOutput:
        """Paint.

        Args:
            image: (B,3,H,W) in [0,1]; what it holds inside the hole is ignored. Height and width are
                multiples of the configuration's ``size_multiple``.
            hole: (B,1,H,W), exactly 0 or 1, 1 = missing.

        Raises:
            InputError: Height or width is no such multiple, or less than 16.
        """
        self._require_size(*image.shape[2:])
        filled = self.fill(image, hole)
        layout, prior = self.semantic_learner(filled, hole)
        return SPLOutput(self.image_generator(filled, hole, layout), layout, prior)

    def _require_size(self, height: int, width: int) -> None:
        multiple = self.size_multiple
        if height % multiple or width % multiple or height < _LEAST_PX or width < _LEAST_PX:
            raise InputError(
                f"height and width must be multiples of {multiple}, at least {max(multiple, _LEAST_PX)}, for this "
                f"network, got {height} and {width}; extend the image by mirroring it, and the hole with it, or paint "
                "with load_inpainter, which takes any size"
            )

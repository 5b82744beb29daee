"""Between the painter and a network that somebody else made: one contract in, one convention out.

The painter's side is always float32 ``(B, 3, H, W)`` RGB in [0, 1] and a hole that is 1 where pixels are missing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import ModelError
from splpaint.images import Planes
from splpaint.inference.models import Contract, bounds_of

__all__ = ["Adapter"]


class Adapter(NamedTuple):
    """Turns image and hole into what a network takes, and what it gives into an image.

    Attributes:
        contract: What the network takes and gives.
        source: What messages call the network.
    """

    contract: Contract
    source: str

    def inputs(self, planes: Planes, hole: Planes) -> dict[str, NDArray[Any]]:
        """What the network takes, by the names of its inputs.

        Args:
            planes: float32 ``(B, 3, H, W)`` in [0, 1].
            hole: float32 ``(B, 1, H, W)``, exactly 0 or 1, 1 = missing.
        """
        contract = self.contract
        black, white = bounds_of(contract.image_range)
        image = self._with_hole_held(planes * np.float32(white - black) + np.float32(black), hole)
        if contract.channel_order == "BGR":
            image = image[:, ::-1]
        mask = np.where(hole > 0, np.float32(contract.hole_value), np.float32(contract.known_value))
        if len(contract.inputs) == 2:
            parts = [image, mask]
        else:
            parts = [np.concatenate((mask, image) if contract.mask_first else (image, mask), axis=1)]
        return dict(zip(contract.inputs, map(self._laid_out, parts), strict=True))

    def planes(self, output: NDArray[Any], shape: tuple[int, ...]) -> Planes:
        """The image that a network gave.

        Args:
            output: Of the contract's layout and range.
            shape: ``(B, 3, H, W)``, which the image must have.

        Returns:
            float32 ``(B, 3, H, W)`` in [0, 1].

        Raises:
            ModelError: It has another shape, or values that are not finite.
        """
        contract = self.contract
        if output.ndim == 4 and contract.layout == "NHWC":
            output = output.transpose(0, 3, 1, 2)  # (B,H,W,C) => (B,C,H,W)
        if output.shape != shape:
            raise ModelError(
                f"{self.source} must paint 3 channels of {shape[3]}x{shape[2]}, as it was given, got the shape "
                f"{output.shape}; give a model that paints in the picture's size"
            )
        if output.dtype.kind == "f" and not np.isfinite(output).all():
            raise ModelError(
                f"{self.source} must paint finite values, got NaN or infinity; try the precision fp32 or another model"
            )
        if contract.channel_order == "BGR":
            output = output[:, ::-1]
        black, white = bounds_of(contract.output_range)
        planes: Planes = (output.astype(np.float32) - np.float32(black)) / np.float32(white - black)
        return planes.clip(0, 1)

    def _with_hole_held(self, image: Planes, hole: Planes) -> Planes:
        # float32 (B,3,H,W) in the network's own values
        match self.contract.hole_holds:
            case "anything":
                return image
            case "mean":
                known = 1 - hole
                count = np.maximum(known.sum(axis=(2, 3), keepdims=True), 1)
                filling = (image * known).sum(axis=(2, 3), keepdims=True) / count
            case "one":
                filling = np.ones(1, np.float32)
            case _:
                filling = np.zeros(1, np.float32)
        return np.where(hole > 0, filling, image)

    def _laid_out(self, part: Planes) -> NDArray[Any]:
        if self.contract.layout == "NHWC":
            part = part.transpose(0, 2, 3, 1)  # (B,C,H,W) => (B,H,W,C)
        levels = np.rint(part).astype(np.uint8) if self.contract.dtype == "uint8" else part
        return np.ascontiguousarray(levels)

"""What is exported: the network as it is, or with the conversion of 8-bit pictures and masks inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.export import Dim

from splpaint.networks import GeneratorConfig

__all__ = ["Preprocessed", "Variant", "plain", "preprocessed", "side_multiple"]

_LEAST_PX = 16  # the networks pad by reflection, which needs some pixels


class Variant(NamedTuple):
    """A network, and what its exporters have to know.

    Attributes:
        network: Takes ``example``, in eval mode.
        example: An image and a mask.
        free: The inputs' names => their axes of any size, as ``torch.export`` is told them.
        takes: What it takes and gives, for people.
    """

    network: nn.Module
    example: tuple[Tensor, Tensor]
    free: Mapping[str, Mapping[int, object]]
    takes: str


def plain(network: nn.Module, config: GeneratorConfig) -> Variant:
    """float32 ``image`` (B,3,H,W) in [0,1] and ``hole`` (B,1,H,W), 1 = missing => (B,3,H,W); H and W are multiples."""
    side_px = 4 * side_multiple(config)
    free = {0: Dim("batch"), 2: config.size_multiple * Dim("rows"), 3: config.size_multiple * Dim("columns")}
    example = torch.rand(2, 3, side_px, side_px), torch.zeros(2, 1, side_px, side_px)
    least = f", at least {_LEAST_PX}" if config.size_multiple < _LEAST_PX else ""
    takes = (
        "float32 image (N,3,H,W) in 0..1, RGB, and hole (N,1,H,W), 1 = missing, else 0; gives painted (N,3,H,W); H and "
        f"W are multiples of {config.size_multiple}{least}"
    )
    return Variant(network, example, {"image": free, "hole": free}, takes)


def preprocessed(network: nn.Module, config: GeneratorConfig) -> Variant:
    """uint8 ``image`` (B,H,W,3) and ``mask`` (B,H,W,1), white = missing => uint8 (B,H,W,3), of any size."""
    multiple = side_multiple(config)
    # Tracing takes sides beyond one multiple for granted: torch.export keeps to that, the others do not need it.
    free = {0: Dim("batch"), 1: Dim("height", min=multiple + 1), 2: Dim("width", min=multiple + 1)}
    height, width = 2 * multiple - 3, 2 * multiple - 5
    image = torch.randint(0, 256, (2, height, width, 3), dtype=torch.uint8)
    example = image, torch.zeros(2, height, width, 1, dtype=torch.uint8)
    takes = "uint8 image (N,H,W,3), RGB, and mask (N,H,W,1), missing above 127; gives painted (N,H,W,3); of any H and W"
    return Variant(Preprocessed(network, multiple).eval(), example, {"image": free, "mask": free}, takes)


def side_multiple(config: GeneratorConfig) -> int:
    """What the sides of a picture are extended to multiples of, in pixels."""
    return max(config.size_multiple, _LEAST_PX)


class Preprocessed(nn.Module):
    """A network between 8-bit pictures, whose known pixels come back as they are.

    Args:
        network: (B,3,H,W) image in [0,1], (B,1,H,W) hole => (B,3,H,W) in [0,1].
        multiple: Height and width of its input are multiples of this: pictures are mirrored at bottom and right.
    """

    def __init__(self, network: nn.Module, multiple: int) -> None:
        super().__init__()
        self.network = network
        self.multiple = multiple

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        """uint8 (B,H,W,3), uint8 (B,H,W,1), missing above 127 => uint8 (B,H,W,3)."""
        height, width = image.shape[1:3]
        missing = mask > 127
        painted = self.network(self._planes(image) / 255, self._planes(missing))
        # (B,3,H',W') => (B,3,H,W); slicing would make tracing doubt that H' >= H
        for axis, side_px in ((2, height), (3, width)):
            painted = painted.index_select(axis, torch.arange(side_px, device=image.device))
        # float32 (B,3,H,W) in [0,1] => uint8 (B,H,W,3)
        levels = torch.round(painted * 255).to(torch.uint8).permute(0, 2, 3, 1)
        return torch.where(missing, levels, image)

    def _planes(self, pixels: Tensor) -> Tensor:
        """(B,H,W,C) => float32 (B,C,H',W'), mirrored."""
        planes = pixels.permute(0, 3, 1, 2).float()
        rows, columns = (_mirrored(side_px, self.multiple, pixels.device) for side_px in pixels.shape[1:3])
        return planes.index_select(2, rows).index_select(3, columns)


def _mirrored(side_px: int, multiple: int, device: torch.device) -> Tensor:
    """Where each pixel of a side comes from that is extended to a multiple: 0 1 2 3 2 1 0 1 ..."""
    last = torch.arange(side_px, device=device).amax(dim=0)
    extended_px = (side_px + multiple - 1) // multiple * multiple
    places = torch.remainder(torch.arange(extended_px, device=device), (2 * last).clamp(min=1))
    return torch.minimum(places, 2 * last - places)

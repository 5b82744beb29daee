"""What the options of ``splpaint paint`` say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from splpaint.inference import HoleRules, Painter, PhotoMask

__all__ = ["PaintSettings"]


class PaintSettings(NamedTuple):
    """What the options say, for one photograph and for folders alike."""

    mask: PhotoMask
    output: Path | None
    rules: HoleRules
    feather_px: int
    format: str | None
    quality: int | None
    accept_damaged: bool
    overwrite: bool
    model: str
    device: str
    precision: str
    texture: bool

    def load(self, *, many_at_once: bool = False) -> Painter:
        """Load the model."""
        from splpaint.inference import load_inpainter

        return load_inpainter(
            self.model,
            precision=self.precision,
            device=self.device,
            many_at_once=many_at_once,
            texture=self.texture,
        ).painter

"""What the options of ``splpaint paint`` say, for one photograph and for folders alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from splpaint.inference import Painter, PaintOptions, PhotoMask

__all__ = ["ModelChoice", "PaintSettings"]


class ModelChoice(NamedTuple):
    """Which model, and how it runs."""

    model: str
    device: str
    precision: str
    texture: bool

    def check(self) -> None:
        """Refuse what cannot be loaded, without loading it."""
        from splpaint.inference import check_model

        check_model(self.model, precision=self.precision, device=self.device)

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


class PaintSettings(NamedTuple):
    """All of it."""

    mask: PhotoMask
    output: Path | None
    format: str | None
    overwrite: bool
    options: PaintOptions
    model: ModelChoice

"""The settings of commands that paint, the same everywhere: which model, on what; what is painted, and how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from splpaint.inference import MaskFile, Painter, PaintOptions, PhotoMask
    from splpaint.precision import PrecisionChoice

__all__ = ["DeviceOption", "ModelChoice", "ModelOption", "PaintSettings", "PrecisionOption"]

ModelOption = Annotated[
    str, typer.Option(help="Name of a model (see `splpaint models list`), or a model folder.")
]
DeviceOption = Annotated[
    str, typer.Option(help="auto (the CPU), cpu, gpu (Intel), cuda, cuda:N or mps; no other instead.")
]
PrecisionOption = Annotated[str, typer.Option(help="auto, fp32 or bf16.")]


class ModelChoice(NamedTuple):
    """The model, and how it runs."""

    model: str
    device: str
    precision: PrecisionChoice
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
    """All settings of ``splpaint paint``, for one photo and for a folder alike."""

    mask: PhotoMask
    avoid: MaskFile | None
    output: Path | None
    format: str | None
    overwrite: bool
    options: PaintOptions
    model: ModelChoice
